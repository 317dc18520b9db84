package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"
)

// forbiddenLabels is the kubelet's own objection, which the hollow one does not raise.
func forbiddenLabels(labels []string) string {
	unknown := []string{}
	for _, label := range labels {
		key, _, _ := strings.Cut(label, "=")
		domain, _, _ := strings.Cut(key, "/")
		if domain == key || !isUnder(domain, "kubernetes.io") && !isUnder(domain, "k8s.io") {
			continue
		}
		if isUnder(domain, "kubelet.kubernetes.io") || isUnder(domain, "node.kubernetes.io") || allowedLabels[key] {
			continue
		}
		unknown = append(unknown, key)
	}
	if len(unknown) == 0 {
		return ""
	}
	sort.Strings(unknown)
	return fmt.Sprintf("unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: %v\n--node-labels in "+
		"the 'kubernetes.io' namespace must begin with an allowed prefix (kubelet.kubernetes.io, node.kubernetes.io) "+
		"or be in the specifically allowed set", unknown)
}

func isUnder(domain, parent string) bool {
	return domain == parent || strings.HasSuffix(domain, "."+parent)
}

var allowedLabels = map[string]bool{
	"kubernetes.io/hostname": true, "kubernetes.io/arch": true, "kubernetes.io/os": true,
	"beta.kubernetes.io/arch": true, "beta.kubernetes.io/os": true, "beta.kubernetes.io/instance-type": true,
	"topology.kubernetes.io/region": true, "topology.kubernetes.io/zone": true,
	"failure-domain.beta.kubernetes.io/region": true, "failure-domain.beta.kubernetes.io/zone": true,
}

// configure waits for the node and gives it its labels and k3s's annotations, with the kubelet's own rights.
func (a *nodeAgent) configure() {
	labels := map[string]string{}
	for _, label := range a.values["node-label"] {
		key, value, _ := strings.Cut(label, "=")
		labels[key] = value
	}
	arguments, _ := json.Marshal(a.shownArguments())
	annotations := map[string]string{
		"k3s.io/hostname": a.name, "k3s.io/internal-ip": a.address, "k3s.io/node-args": string(arguments),
		"k3s.io/node-config-hash": strings.ToUpper(hashOf(arguments))[:52] + "====", "k3s.io/node-env": "{}",
	}
	a.annotate(annotations, labels)
	info("Annotations and labels have been set successfully on node: %s", a.name)
	if err := a.flannel(); err != nil {
		a.fail("flannel exited: %s", err)
	}
}

// annotate tries until the node is there.
func (a *nodeAgent) annotate(annotations, labels map[string]string) {
	metadata := map[string]any{"annotations": annotations}
	if labels != nil {
		metadata["labels"] = labels
	}
	change := map[string]any{"metadata": metadata}
	for ; ; time.Sleep(time.Second) {
		if api, err := a.api(); err == nil && api.do("PATCH", nodePath(a.name), change, nil) == nil {
			return
		}
	}
}

var secretFlag = regexp.MustCompile("token|vpn-auth|secret-key")

// shownArguments is the command line as it would read without configuration files, its secrets left out.
func (a *nodeAgent) shownArguments() []string {
	shown, hidden := []string{a.command}, false
	for _, argument := range a.arguments {
		name, value, both := strings.Cut(argument, "=")
		isFlag := strings.HasPrefix(argument, "-")
		secret := isFlag && secretFlag.MatchString(name)
		switch {
		case isFlag && both && secret:
			shown = append(shown, name, "********")
		case isFlag && both:
			shown = append(shown, name, value)
		case hidden:
			shown = append(shown, "********")
		default:
			shown = append(shown, argument)
		}
		hidden = isFlag && !both && secret
	}
	return shown
}
