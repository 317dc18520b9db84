package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

// runAgent is a worker's life: it finds the servers, gets its certificates for its token, and runs a node.
func runAgent(arguments []string) error {
	o, err := parseOptions(agentFlags, arguments)
	if err != nil {
		return err
	}
	given, err := o.file("token")
	if err != nil {
		return err
	}
	server := o.text("server", "")
	_, missing := loadPair(o.text("data-dir", defaultData) + "/agent/client-kubelet")
	if given == "" && missing != nil {
		return errors.New("--token is required")
	}
	if server == "" {
		return errors.New("--server is required")
	}
	m, err := newMachine("agent", o)
	if err != nil {
		return err
	}
	m.untilSignal()
	info("Starting k3s agent %s (lab)", version)
	known := m.data + "/agent/etc/k3s-agent-load-balancer.json"
	balancer, err := newBalancer(known, server, o.text("lb-server-port", "6444"))
	if err != nil {
		return err
	}
	a, err := m.nodeAgent(balancer.url())
	if err != nil {
		return err
	}
	cluster := a.validate(server, given)
	for {
		if err := a.fetch(cluster); err == nil {
			break
		} else {
			info("Waiting to retrieve agent configuration; server is not ready: %s", err)
		}
		time.Sleep(5 * time.Second)
	}
	if err := a.run(); err != nil {
		return err
	}
	for ; ; time.Sleep(time.Second) {
		if _, err := cluster.get("/v1-k3s/readyz"); err == nil {
			break
		}
	}
	info("k3s agent is up and running")
	m.ready()
	for ; ; time.Sleep(10 * time.Second) {
		a.learnServers(cluster, balancer)
	}
}

// validate waits until the server answers and is the one that the token names.
func (a *nodeAgent) validate(server, given string) *clusterClient {
	for {
		cluster, err := validated(a.server, given, "node")
		if err == nil {
			return cluster
		}
		logf("error", "Failed to validate connection to cluster at %s: %s", server, err)
		time.Sleep(2 * time.Second)
	}
}

// fetch gets what a kubelet needs. A machine that has been a node before shows its certificate, until its node is gone.
func (a *nodeAgent) fetch(cluster *clusterClient) error {
	if pair, err := loadPair(a.file("client-kubelet")); err == nil {
		cluster.certificate = []tls.Certificate{pair}
	}
	content, err := cluster.get("/v1-k3s/config")
	if err != nil {
		return fmt.Errorf("failed to retrieve configuration from server: %w", err)
	}
	settings := map[string]string{}
	if err := json.Unmarshal(content, &settings); err != nil {
		return err
	}
	a.backend = settings["FlannelBackend"]
	if err := a.network(); err != nil {
		return err
	}
	for _, name := range []string{"client-ca.crt", "server-ca.crt"} {
		content, err := cluster.get("/v1-k3s/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(a.file(name), content, 0o600); err != nil {
			return err
		}
	}
	password, err := keptSecret(nodePassword, 16)
	if err != nil {
		return err
	}
	cluster.headers = map[string]string{
		"k3s-Node-Name": a.name, "k3s-Node-Password": password, "k3s-Node-IP": a.address,
	}
	for _, name := range []string{"serving-kubelet", "client-kubelet"} {
		content, err := cluster.get("/v1-k3s/" + name + ".crt")
		if statusOf(err) == http.StatusUnauthorized && cluster.certificate != nil {
			info("Node authorization rejected, retrying without client certificate authentication")
			cluster.certificate = nil
			content, err = cluster.get("/v1-k3s/" + name + ".crt")
		}
		if statusOf(err) == http.StatusForbidden {
			return fmt.Errorf("Node password rejected, duplicate hostname or contents of '%s' may not match server "+
				"node-passwd entry, try enabling a unique node name with the --with-node-id flag", nodePassword)
		}
		if err != nil {
			return err
		}
		if err := a.writePair(name, content); err != nil {
			return err
		}
	}
	return nil
}

func (a *nodeAgent) learnServers(cluster *clusterClient, balancer *balancer) {
	content, err := cluster.get("/v1-k3s/apiservers")
	if err != nil {
		return
	}
	servers := []string{}
	if json.Unmarshal(content, &servers) == nil {
		balancer.update(servers)
	}
}
