module docbuild.local/pause

go 1.24
