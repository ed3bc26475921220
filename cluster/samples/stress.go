package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// stress takes memory and processor time, as much as it is told to.
func stress(arguments []string) error {
	flags := flag.NewFlagSet("stress", flag.ExitOnError)
	total := flags.String("mem-total", "0", "total memory to be consumed")
	piece := flags.String("mem-alloc-size", "4Ki", "amount of memory to be consumed in each allocation")
	pause := flags.Duration("mem-alloc-sleep", time.Millisecond, "duration to sleep between allocations")
	cpus := flags.Int("cpus", 0, "total number of CPUs to utilize")
	flags.Bool("logtostderr", true, "log to standard error instead of files")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	totalBytes, err := quantity(*total)
	if err != nil {
		return err
	}
	pieceBytes, err := quantity(*piece)
	if err != nil || pieceBytes == 0 {
		return fmt.Errorf("-mem-alloc-size is %q", *piece)
	}
	log.Printf("Allocating %q memory, in %q chunks, with a %v sleep between allocations", *total, *piece, *pause)
	for i := 0; i < *cpus; i++ {
		log.Printf("Spawning a thread to consume CPU")
		go func() {
			for x := 0.0; ; x++ {
				_ = math.Sqrt(x)
			}
		}()
	}
	var taken [][]byte
	for have := uint64(0); have < totalBytes; have += pieceBytes {
		bytes := make([]byte, pieceBytes)
		// Memory counts once it is written to.
		for i := 0; i < len(bytes); i += 4096 {
			bytes[i] = 1
		}
		taken = append(taken, bytes)
		time.Sleep(*pause)
	}
	log.Printf("Allocated %q memory", *total)
	for {
		time.Sleep(time.Hour)
		runtime.KeepAlive(taken)
	}
}

// quantity reads an amount as Kubernetes writes it, in bytes: 150Mi, 1G, 4096.
func quantity(text string) (uint64, error) {
	units := []struct {
		name  string
		bytes float64
	}{
		{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40},
		{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"", 1},
	}
	for _, unit := range units {
		number, found := strings.CutSuffix(text, unit.name)
		if !found {
			continue
		}
		amount, err := strconv.ParseFloat(number, 64)
		if err != nil || amount < 0 {
			return 0, fmt.Errorf("%q is no quantity", text)
		}
		return uint64(amount * unit.bytes), nil
	}
	return 0, fmt.Errorf("%q is no quantity", text)
}
