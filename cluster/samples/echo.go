package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sort"
	"strings"
)

// echoServer tells a client about its own request, in the words of the image's version: up to 1.4 in
// capitals, later with what it knows of its Pod.
func echoServer([]string) error {
	old := strings.HasPrefix(os.Getenv("ECHO_VERSION"), "1.4") || os.Getenv("ECHO_VERSION") == "1.0"
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Server", "echoserver")
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if old {
			oldEcho(w, r, string(body))
		} else {
			newEcho(w, r, string(body))
		}
	})
	return http.ListenAndServe(":8080", nil)
}

func oldEcho(w io.Writer, r *http.Request, body string) {
	fmt.Fprintf(w, "CLIENT VALUES:\nclient_address=%s\ncommand=%s\nreal path=%s\nquery=%s\n",
		clientAddress(r), r.Method, r.URL.RequestURI(), orNil(r.URL.RawQuery))
	fmt.Fprintf(w, "request_version=%d.%d\nrequest_uri=%s\n\n", r.ProtoMajor, r.ProtoMinor, address(r))
	fmt.Fprintf(w, "SERVER VALUES:\nserver_version=nginx: 1.10.0 - lua: 10001\n\nHEADERS RECEIVED:\n%s", headers(r, ""))
	if body == "" {
		body = "-no body in request-"
	}
	fmt.Fprintf(w, "BODY:\n%s", body)
}

func newEcho(w io.Writer, r *http.Request, body string) {
	host, _ := os.Hostname()
	fmt.Fprintf(w, "\n\nHostname: %s\n\nPod Information:\n%s\nServer values:\n", host, podInformation())
	fmt.Fprintf(w, "\tserver_version=nginx: 1.13.3 - lua: 10008\n\nRequest Information:\n")
	fmt.Fprintf(w, "\tclient_address=%s\n\tmethod=%s\n\treal path=%s\n\tquery=%s\n\trequest_version=%d.%d\n",
		clientAddress(r), r.Method, r.URL.RequestURI(), r.URL.RawQuery, r.ProtoMajor, r.ProtoMinor)
	fmt.Fprintf(w, "\trequest_scheme=http\n\trequest_uri=%s\n\nRequest Headers:\n%s\nRequest Body:\n", address(r), headers(r, "\t"))
	if body == "" {
		body = "\t-no body in request-"
	}
	fmt.Fprintf(w, "%s\n\n", body)
}

func podInformation() string {
	var text strings.Builder
	for _, one := range [][2]string{
		{"node name", "NODE_NAME"}, {"pod name", "POD_NAME"}, {"pod namespace", "POD_NAMESPACE"}, {"pod IP", "POD_IP"},
	} {
		if value := os.Getenv(one[1]); value != "" {
			fmt.Fprintf(&text, "\t%s:\t%s\n", one[0], value)
		}
	}
	if text.Len() == 0 {
		return "\t-no pod information available-\n"
	}
	return text.String()
}

func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return "http://" + host + ":8080" + r.URL.RequestURI()
}

func headers(r *http.Request, indent string) string {
	lines := []string{fmt.Sprintf("%shost=%s\n", indent, r.Host)}
	for name, values := range r.Header {
		lines = append(lines, fmt.Sprintf("%s%s=%s\n", indent, strings.ToLower(name), strings.Join(values, ", ")))
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

func orNil(text string) string {
	if text == "" {
		return "nil"
	}
	return text
}
