package main

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"
)

// flannel makes the interface that flannel makes, and says of it in the node what flannel says. Nothing goes through
// it, for no container has a network here; but it is there to be lost with tailscaled, or to be taken away.
func (a *nodeAgent) flannel() error {
	if a.text("flannel-backend", a.backend) == "none" {
		return nil
	}
	name := a.text("flannel-iface", "")
	if name == "" {
		name = interfaceWith(a.address)
	}
	address, err := interfaceAddress(name)
	if err != nil {
		return fmt.Errorf("failed to find IPv4 address for interface %s", name)
	}
	wire, err := net.InterfaceByName(name)
	if err != nil {
		return err
	}
	part := ""
	for ; part == ""; time.Sleep(200 * time.Millisecond) {
		n := node{}
		if api, err := a.api(); err == nil && api.do("GET", nodePath(a.name), nil, &n) == nil {
			part = n.Spec.PodCIDR
		}
	}
	ip, _, err := net.ParseCIDR(part)
	if err != nil {
		return err
	}
	exec.Command("ip", "link", "delete", "flannel.1").Run()
	for _, arguments := range []string{
		"link add flannel.1 type vxlan id 1 dev " + name + " local " + address + " dstport 8472 nolearning",
		fmt.Sprintf("link set flannel.1 mtu %d up", wire.MTU-50),
		"addr add " + ip.String() + "/32 dev flannel.1",
	} {
		if output, err := exec.Command("ip", strings.Fields(arguments)...).CombinedOutput(); err != nil {
			return fmt.Errorf("failed to set up flannel.1: %s", strings.TrimSpace(string(output)))
		}
	}
	link, err := net.InterfaceByName("flannel.1")
	if err != nil {
		return err
	}
	a.annotate(map[string]string{
		"flannel.alpha.coreos.com/backend-type": "vxlan", "flannel.alpha.coreos.com/kube-subnet-manager": "true",
		"flannel.alpha.coreos.com/backend-data": fmt.Sprintf(`{"VNI":1,"VtepMAC":"%s"}`, link.HardwareAddr),
		"flannel.alpha.coreos.com/public-ip":    address,
	}, nil)
	return nil
}

// interfaceWith is the interface that has an address.
func interfaceWith(address string) string {
	interfaces, _ := net.Interfaces()
	for _, each := range interfaces {
		addresses, _ := each.Addrs()
		for _, found := range addresses {
			if network, is := found.(*net.IPNet); is && network.IP.String() == address {
				return each.Name
			}
		}
	}
	return ""
}
