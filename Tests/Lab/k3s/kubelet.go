package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// hollowCommand is this program's own, for it to become a kubelet.
const hollowCommand = "hollow-kubelet"

// A nodeAgent is the part of a machine that is a node: kubemark's hollow kubelet, which is the kubelet's own code with
// no containers beneath it.
type nodeAgent struct {
	*machine
	folder string
	server string
	// backend is flannel's, as the servers have it.
	backend string
}

func (m *machine) nodeAgent(server string) (*nodeAgent, error) {
	a := &nodeAgent{machine: m, folder: filepath.Join(m.data, "agent"), server: server, backend: "vxlan"}
	return a, os.MkdirAll(a.folder, 0o700)
}

func (a *nodeAgent) file(name string) string { return filepath.Join(a.folder, name) }

// node is a server's own node. A failure here does not end the server, as with k3s.
func (s *clusterServer) node() {
	if s.on("disable-agent") {
		return
	}
	for {
		if err := s.startNode(); err == nil {
			return
		} else {
			info("Waiting to retrieve agent configuration; server is not ready: %s", err)
		}
		time.Sleep(5 * time.Second)
	}
}

func (s *clusterServer) startNode() error {
	if err := s.network(); err != nil {
		return err
	}
	password, err := keptSecret(nodePassword, 16)
	if err != nil {
		return err
	}
	if err := s.passwords.ensure(s.name, password); err != nil {
		logf("error", "Deferred node password secret validation failed: %s", err)
	}
	a, err := s.machine.nodeAgent(s.apiURL())
	if err != nil {
		return err
	}
	for _, what := range []string{"client-kubelet", "serving-kubelet"} {
		content, err := s.supervisor.issueNode(what+".crt", s.name, []string{s.address})
		if err != nil {
			return err
		}
		if err := a.writePair(what, content); err != nil {
			return err
		}
	}
	if err := os.WriteFile(a.file("server-ca.crt"), s.supervisor.serverCA.pem, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(a.file("client-ca.crt"), s.supervisor.clientCA.pem, 0o600); err != nil {
		return err
	}
	return a.run()
}

const nodePassword = "/etc/rancher/node/password"

func (a *nodeAgent) writePair(name string, content []byte) error {
	certificate, key := splitPair(content)
	if err := os.WriteFile(a.file(name+".crt"), certificate, 0o600); err != nil {
		return err
	}
	return os.WriteFile(a.file(name+".key"), key, 0o600)
}

// run starts the kubelet and, when its node is there, gives it what k3s says of it.
func (a *nodeAgent) run() error {
	if problem := forbiddenLabels(a.values["node-label"]); problem != "" {
		a.fail("kubelet exited: %s", problem)
	}
	kubeconfig, ca := a.file("kubelet.kubeconfig"), a.file("server-ca.crt")
	if err := writeKubeconfig(kubeconfig, a.server, ca, a.file("client-kubelet"), 0o600); err != nil {
		return err
	}
	// The hollow kubelet takes no flags of the kubelet's: they are kept where they can be read.
	if err := os.MkdirAll(a.file("etc"), 0o755); err != nil {
		return err
	}
	flags := strings.Join(append(a.values["kubelet-arg"], ""), "\n")
	if err := os.WriteFile(a.file("etc/kubelet-args"), []byte(flags), 0o644); err != nil {
		return err
	}
	if err := a.containerd(); err != nil {
		return err
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	arguments := []string{hollowCommand, a.folder, a.address, a.name, "--morph=kubelet", "--name=" + a.name,
		"--kubeconfig=" + kubeconfig, "--kubelet-read-only-port=0", "--v=0"}
	labels := append([]string{}, a.values["node-label"]...)
	labels = append(labels, "node.kubernetes.io/instance-type=k3s")
	arguments = append(arguments, "--node-labels="+strings.Join(labels, ","))
	if taints := a.list("node-taint"); len(taints) > 0 {
		arguments = append(arguments, "--register-with-taints="+strings.Join(taints, ","))
	}
	info("Running kubelet")
	a.programs.keep("kubelet", own, arguments...)
	go a.configure()
	go a.hasten(time.Now())
	return nil
}

// runHollow becomes the hollow kubelet. That takes a node's address from its name, so it gets a hosts file in which the
// name leads to the address that the node is to have. And it leaves things in /tmp, so it gets another one.
func runHollow(arguments []string) error {
	folder, address, name := arguments[0], arguments[1], arguments[2]
	runtime.LockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	hosts, _ := os.ReadFile("/etc/hosts")
	own := filepath.Join(folder, "etc", "hosts")
	if err := os.WriteFile(own, append([]byte(address+" "+name+"\n"), hosts...), 0o644); err != nil {
		return err
	}
	if err := syscall.Mount(own, "/etc/hosts", "", syscall.MS_BIND, ""); err != nil {
		return err
	}
	// A container's /dev lacks the kernel's messages, which the kubelet wants to watch.
	if !exists("/dev/kmsg") {
		os.Symlink("/dev/null", "/dev/kmsg")
	}
	scratch := filepath.Join(folder, "kubelet")
	os.RemoveAll(scratch)
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount(scratch, "/tmp", "", syscall.MS_BIND, ""); err != nil {
		return err
	}
	return syscall.Exec(program("kubemark"), append([]string{"kubelet"}, arguments[3:]...), os.Environ())
}

// fail ends all: a node that cannot run ends k3s.
func (a *nodeAgent) fail(format string, arguments ...any) {
	logf("fatal", format, arguments...)
	a.programs.end()
	os.Exit(1)
}

// api is the cluster's, with the kubelet's rights.
func (a *nodeAgent) api() (*apiClient, error) {
	ca, err := loadCertificate(a.file("server-ca.crt"))
	if err != nil {
		return nil, err
	}
	return newAPIClient(a.server, ca, a.file("client-kubelet"))
}
