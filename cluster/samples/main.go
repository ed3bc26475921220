// Command samples stands in for small servers that tutorials run. It is one program, which picks what
// to be by the name it is called by.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

var programs = map[string]func([]string) error{
	"hello-app":  helloApp,
	"hello-go":   helloGo,
	"http-echo":  httpEcho,
	"echoserver": echoServer,
	"goproxy":    forwardProxy,
	"stress":     stress,
	"guestbook":  guestbook,
	"mongod":     mongod,
	"idle":       idle,
}

func main() {
	name := filepath.Base(os.Args[0])
	run, found := programs[name]
	if !found {
		fmt.Fprintf(os.Stderr, "%s is none of the programs in here\n", name)
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
