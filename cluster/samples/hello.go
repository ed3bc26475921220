package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

// helloApp tells its version and where it runs, as the sample of that name does.
func helloApp([]string) error {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		log.Printf("Serving request: %s", r.URL.Path)
		host, _ := os.Hostname()
		fmt.Fprintf(w, "Hello, world!\nVersion: %s\nHostname: %s\n", os.Getenv("HELLO_VERSION"), host)
	})
	log.Printf("Server listening on port %s", port)
	return http.ListenAndServe(":"+port, nil)
}

// helloGo is the backend that the tutorial of a frontend and a backend talks to.
func helloGo([]string) error {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintln(w, `{"message":"Hello"}`)
	})
	return http.ListenAndServe(":80", nil)
}

// httpEcho answers everything with one text.
func httpEcho(arguments []string) error {
	flags := flag.NewFlagSet("http-echo", flag.ExitOnError)
	listen := flags.String("listen", ":5678", "address and port to listen")
	text := flags.String("text", os.Getenv("ECHO_TEXT"), "text to put on the webpage")
	status := flags.Int("status-code", http.StatusOK, "http response code")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *text == "" {
		return fmt.Errorf("missing -text option or ECHO_TEXT env var")
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(*status)
		fmt.Fprintln(w, *text)
	})
	http.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, `{"status":"ok"}`)
	})
	log.Printf("[INFO] server is listening on %s\n", *listen)
	return http.ListenAndServe(*listen, nil)
}

// idle runs until it is told to end: for what a page only wants to see running.
func idle([]string) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	<-signals
	return nil
}
