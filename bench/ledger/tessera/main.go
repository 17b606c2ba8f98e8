// Appends entries to a log of Tessera's POSIX driver and says how fast they were acknowledged as durable: the figures
// that bench/ledger/ledger.py sets beside Surety's own.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func main() {
	directory := flag.String("directory", "", "where the log goes")
	count := flag.Int("count", 1000, "entries")
	size := flag.Int("bytes", 300, "bytes of an entry")
	batch := flag.Uint("batch", 1, "entries in one integration at most")
	writers := flag.Int("writers", 1, "entries under way at once")
	maxAge := flag.Duration("max-age", 50*time.Millisecond, "how long a batch waits to fill")
	flag.Parse()

	privateKey, _, err := note.GenerateKey(rand.Reader, "tessera.example/bench")
	if err != nil {
		panic(err)
	}
	signer, err := note.NewSigner(privateKey)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	driver, err := posix.New(ctx, posix.Config{Path: *directory})
	if err != nil {
		panic(err)
	}
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(time.Second).
		WithBatching(*batch, *maxAge))
	if err != nil {
		panic(err)
	}
	startCPU, start := cpuSeconds(), time.Now()
	var group sync.WaitGroup
	for w := 0; w < *writers; w++ {
		group.Add(1)
		go func(w int) {
			defer group.Done()
			data := make([]byte, *size)
			for i := w; i < *count; i += *writers {
				copy(data, fmt.Sprintf("%d ", i))
				if _, err := appender.Add(ctx, tessera.NewEntry(append([]byte(nil), data...)))(); err != nil {
					panic(err)
				}
			}
		}(w)
	}
	group.Wait()
	seconds, cpu := time.Since(start).Seconds(), cpuSeconds()-startCPU
	if err := shutdown(ctx); err != nil {
		panic(err)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"entries": *count, "seconds": seconds, "cpu_seconds": cpu, "per_second": float64(*count) / seconds})
}
