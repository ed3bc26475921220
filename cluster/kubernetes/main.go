// Command node holds every program of a one-node Kubernetes in a single binary
// and runs the one whose name it is called by, so that the packages they share
// are compiled and linked once.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	crane "github.com/google/go-containerregistry/cmd/crane/cmd"
	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // kubectl's ways to log in
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// standalone holds the programs with a main function of their own; each returns
// the process's exit code.
var standalone = map[string]func() int{
	"etcd":      runEtcd,
	"coredns":   runCoreDNS,
	"crane":     runCrane,
	"kubectl":   runKubectl,
	"sandboxes": runSandboxes,
}

// commands makes the cobra commands of the Kubernetes programs. It is a map of
// functions because a command registers flags and metrics when it is made: only
// the one that is asked for may be.
var commands = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kube-proxy":              proxy.NewProxyCommand,
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
}

func main() {
	name := filepath.Base(os.Args[0])
	if run, ok := standalone[name]; ok {
		os.Exit(run())
	}
	command, ok := commands[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "node: no program is called %q\n", name)
		os.Exit(2)
	}
	os.Exit(cli.Run(command()))
}

// runKubectl runs kubectl as its own main function does: errors are printed the
// way pages show them, and exit codes that are answers (of diff, of auth can-i)
// are kept.
func runKubectl() int {
	// Building the command already logs, so the verbosity is read beforehand.
	_, _ = logs.GlogSetter(kubectl.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err) // Does not return.
	}
	return 0
}

// runEtcd runs the etcd server until it is told to end.
func runEtcd() int {
	etcdmain.Main(os.Args)
	return 0
}

// runCoreDNS runs CoreDNS with the plugins that a cluster's DNS needs, in the
// order in which they see a query.
func runCoreDNS() int {
	dnsserver.Directives = []string{"errors", "cache", "kubernetes", "forward"}
	coremain.Run()
	return 0
}

// runCrane runs crane, which looks into images. It is not run by component-base:
// that adds a -v flag of its own, and crane has one.
func runCrane() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if crane.Root.ExecuteContext(ctx) != nil {
		return 1
	}
	return 0
}

// runSandboxes removes every Pod sandbox: sandboxes SOCKET.
func runSandboxes() int {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sandboxes SOCKET")
		return 2
	}
	if err := removeSandboxes(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "sandboxes:", err)
		return 1
	}
	return 0
}
