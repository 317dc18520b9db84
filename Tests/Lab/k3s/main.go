// A lab's stand-in for the k3s program: k3s's command line, files, protocol and behaviour around etcd's and Kubernetes'
// own programs (see Tests/Lab/kubernetes), which it expects in /opt/lab/bin/VERSION. It speaks k3s's own words, since
// those are what a person or a program meets in a node's journal. What it does not do: docs/TESTING.md.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// version is this program's own; the linker sets it.
var version = "v0.0.0+k3s1"

// programs has a folder a version with kube-apiserver, etcd and the others.
const programs = "/opt/lab/bin"

func program(name string) string { return filepath.Join(programs, version, name) }

func main() {
	arguments := os.Args[1:]
	if name := filepath.Base(os.Args[0]); name == "kubectl" || name == "crictl" || name == "ctr" {
		arguments = append([]string{name}, arguments...)
	}
	if len(arguments) == 0 {
		arguments = []string{"help"}
	}
	if err := run(arguments[0], arguments[1:]); err != nil {
		logf("fatal", "%s", err)
		os.Exit(1)
	}
}

func run(command string, arguments []string) error {
	switch command {
	case "server":
		return runServer(arguments)
	case "agent":
		return runAgent(arguments)
	case "kubectl":
		return runKubectl(arguments)
	case "etcd-snapshot":
		return runSnapshot(arguments)
	case "certificate":
		return runCertificate(arguments)
	case "secrets-encrypt":
		return runSecretsEncrypt(arguments)
	case hollowCommand:
		return runHollow(arguments)
	case "check-config":
		fmt.Println("\nVerifying the lab's stand-in: nothing to verify\n\nSTATUS: pass")
		return nil
	case "--version", "-v", "version":
		fmt.Printf("k3s version %s (lab)\ngo version %s\n", version, runtime.Version())
		return nil
	case "help", "--help", "-h":
		fmt.Println("NAME:\n   k3s - the lab's stand-in for it\n\nUSAGE:\n   k3s server|agent|kubectl|etcd-snapshot|" +
			"certificate|secrets-encrypt|check-config [OPTIONS]\n\nVERSION:\n   " + version)
		return nil
	}
	return fmt.Errorf("the lab's stand-in for k3s does not know %q", command)
}

// runKubectl becomes kubectl, with k3s's own kubeconfig unless the environment or the arguments name one.
func runKubectl(arguments []string) error {
	const own = "/etc/rancher/k3s/k3s.yaml"
	if os.Getenv("KUBECONFIG") == "" && !strings.Contains(strings.Join(arguments, " "), "--kubeconfig") {
		if _, err := os.ReadFile(own); err == nil {
			os.Setenv("KUBECONFIG", own)
		} else if os.IsPermission(err) {
			logf("warning", "Unable to read %s, please start server with --write-kubeconfig-mode or "+
				"--write-kubeconfig-group to modify kube config permissions", own)
		}
	}
	return syscall.Exec(program("kubectl"), append([]string{"kubectl"}, arguments...), os.Environ())
}

// logf writes a line as k3s does where its output is no terminal.
func logf(level, format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "time=%q level=%s msg=%q\n", time.Now().UTC().Format(time.RFC3339), level,
		fmt.Sprintf(format, arguments...))
}

func info(format string, arguments ...any) { logf("info", format, arguments...) }
