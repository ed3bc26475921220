package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const guestbookPage = `<html>
  <head><title>Guestbook</title></head>
  <body>
    <h2>Guestbook</h2>
    <form onsubmit="send(); return false"><input id="message" placeholder="Messages"><button>Submit</button></form>
    <div id="messages"></div>
    <script>
      const show = list => document.getElementById('messages').innerText = list.split(',').join('\n');
      const ask = query => fetch('guestbook.php?key=messages&' + query).then(answer => answer.json());
      const load = () => ask('cmd=get').then(answer => show(answer.data));
      function send() {
        const field = document.getElementById('message');
        ask('cmd=get').then(answer => ask('cmd=set&value=' + encodeURIComponent(answer.data + ',' + field.value)))
          .then(() => { field.value = ''; load(); });
      }
      load();
    </script>
  </body>
</html>
`

// guestbook is a web page whose messages are kept in Redis: written to the leader, read from followers.
func guestbook([]string) error {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, guestbookPage)
	})
	http.HandleFunc("/guestbook.php", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		answer := map[string]string{}
		var err error
		if query.Get("cmd") == "set" {
			_, err = redis(redisHost("REDIS_LEADER", "redis-leader"), "SET", query.Get("key"), query.Get("value"))
			answer["message"] = "Updated"
		} else {
			answer["data"], err = redis(redisHost("REDIS_FOLLOWER", "redis-follower"), "GET", query.Get("key"))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	})
	return http.ListenAndServe(":80", nil)
}

// redisHost is the Service's name, or, as with GET_HOSTS_FROM=env, its address from the environment.
func redisHost(variable, name string) string {
	if os.Getenv("GET_HOSTS_FROM") == "env" {
		if host := os.Getenv(variable + "_SERVICE_HOST"); host != "" {
			return host
		}
	}
	return name
}

// redis sends one command and reads an answer that is a line or one text.
func redis(host string, words ...string) (string, error) {
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(host, "6379"), 5*time.Second)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
	var request strings.Builder
	fmt.Fprintf(&request, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&request, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(connection, request.String()); err != nil {
		return "", err
	}
	reader := bufio.NewReader(connection)
	line, err := reader.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	switch {
	case strings.HasPrefix(line, "-"):
		return "", fmt.Errorf("redis: %s", line[1:])
	case line == "$-1" || !strings.HasPrefix(line, "$"):
		return "", nil
	}
	length, err := strconv.Atoi(line[1:])
	if err != nil || length < 0 || length > 1<<20 {
		return "", fmt.Errorf("redis: %s", line)
	}
	text := make([]byte, length)
	_, err = io.ReadFull(reader, text)
	return string(text), err
}
