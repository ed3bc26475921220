module docbuild.local/samples

go 1.24
