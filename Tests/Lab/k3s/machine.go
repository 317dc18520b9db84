package main

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

const defaultData = "/var/lib/rancher/k3s"

// A machine is what a server and an agent have in common: its name and address in the cluster, and its folders.
type machine struct {
	options
	command  string
	name     string
	address  string
	data     string
	programs *family
	// notify is systemd's socket; it is not left to the programs under this one, or they would report ready for it.
	notify string
}

func newMachine(command string, o options) (*machine, error) {
	m := &machine{options: o, command: command, data: o.text("data-dir", defaultData)}
	m.notify = os.Getenv("NOTIFY_SOCKET")
	os.Unsetenv("NOTIFY_SOCKET")
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	m.name = strings.ToLower(o.text("node-name", host))
	if o.on("with-node-id") {
		id, err := keptSecret("/etc/rancher/node/id", 4)
		if err != nil {
			return nil, err
		}
		m.name += "-" + id
	}
	if addresses := o.list("node-ip"); len(addresses) > 0 {
		m.address = addresses[0]
		if net.ParseIP(m.address) == nil {
			return nil, fmt.Errorf("invalid ip format '%s'", m.address)
		}
	} else if name := o.text("flannel-iface", ""); name != "" {
		if m.address, err = interfaceAddress(name); err != nil {
			return nil, err
		}
	} else if m.address, err = defaultAddress(); err != nil {
		return nil, err
	}
	m.programs = newFamily(filepath.Join(m.data, command, "logs"))
	return m, nil
}

func interfaceAddress(name string) (string, error) {
	found, err := net.InterfaceByName(name)
	if err != nil {
		return "", err
	}
	addresses, err := found.Addrs()
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		if network, is := address.(*net.IPNet); is && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			return network.IP.String(), nil
		}
	}
	return "", fmt.Errorf("can't find ip for interface %s", name)
}

// defaultAddress is that of the interface with the default route.
func defaultAddress() (string, error) {
	file, err := os.Open("/proc/net/route")
	if err != nil {
		return "", err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		const any = "00000000"
		if fields := strings.Fields(lines.Text()); len(fields) > 7 && fields[1] == any && fields[7] == any {
			return interfaceAddress(fields[0])
		}
	}
	return "", errors.New(`no default routes found in "/proc/net/route" or "/proc/net/ipv6_route"`)
}

// network looks at the interface that flannel is to use, as k3s does before it starts a node.
func (m *machine) network() error {
	name := m.text("flannel-iface", "")
	if name == "" || m.text("flannel-backend", "vxlan") == "none" {
		return nil
	}
	if _, err := net.InterfaceByName(name); err != nil {
		return fmt.Errorf("unable to find interface %s: %w", name, err)
	}
	return nil
}

// untilSignal ends all when systemd asks for it.
func (m *machine) untilSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		m.programs.end()
		os.Exit(0)
	}()
}

func (m *machine) ready() {
	if m.notify == "" {
		return
	}
	if connection, err := net.Dial("unixgram", m.notify); err == nil {
		connection.Write([]byte("READY=1\n"))
		connection.Close()
	}
}

// keptSecret is what a file holds or, where there is none, random bytes written there.
func keptSecret(path string, bytes int) (string, error) {
	if content, err := os.ReadFile(path); err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	random := make([]byte, bytes)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	secret := hex.EncodeToString(random)
	return secret, os.WriteFile(path, []byte(secret+"\n"), 0o600)
}
