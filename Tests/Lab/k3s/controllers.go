package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"strings"
)

// The labels, annotations and finalizers that k3s gives nodes.
const (
	controlPlaneLabel = "node-role.kubernetes.io/control-plane"
	masterLabel       = "node-role.kubernetes.io/master"
	etcdLabel         = "node-role.kubernetes.io/etcd"
	memberName        = "etcd.k3s.cattle.io/node-name"
	memberAddress     = "etcd.k3s.cattle.io/node-address"
	removeMember      = "etcd.k3s.cattle.io/remove"
	removedMember     = "etcd.k3s.cattle.io/removed-node-name"
	nodeFinalizer     = "wrangler.cattle.io/node"
	etcdFinalizer     = "wrangler.cattle.io/managed-etcd-controller"
)

// superviseNodes keeps what k3s's controllers keep: a server's labels, and etcd's members and the nodes' passwords in
// step with the nodes. What is to be done once is done by the server that leads etcd.
func (s *clusterServer) superviseNodes() {
	s.api.watchNodes(func(n node) {
		var err error
		if n.Metadata.DeletionTimestamp == "" && n.Metadata.Name == s.name {
			err = s.labelSelf(n)
		}
		if err == nil && s.etcd.leads() {
			err = s.superviseNode(n)
		}
		// A conflict is a change that will be handed over by and by.
		if err != nil && statusOf(err) != 409 && statusOf(err) != 404 {
			logf("error", "error syncing '%s': %s, requeuing", n.Metadata.Name, err)
		}
	})
}

func (s *clusterServer) labelSelf(n node) error {
	labels := map[string]string{controlPlaneLabel: "true", masterLabel: "true"}
	annotations := map[string]string{}
	if s.etcd.embedded && n.Metadata.Annotations[removedMember] != s.etcd.name {
		labels[etcdLabel] = "true"
		annotations[memberName], annotations[memberAddress] = s.etcd.name, s.etcd.address
	}
	if holds(n.Metadata.Labels, labels) && holds(n.Metadata.Annotations, annotations) {
		return nil
	}
	change := map[string]any{"metadata": map[string]any{"labels": labels, "annotations": annotations}}
	return s.api.do("PATCH", nodePath(s.name), change, nil)
}

func holds(all, some map[string]string) bool {
	for key, value := range some {
		if found, there := all[key]; !there || found != value {
			return false
		}
	}
	return true
}

func (s *clusterServer) superviseNode(n node) error {
	_, isMember := n.Metadata.Labels[etcdLabel]
	annotations := n.Metadata.Annotations
	if n.Metadata.DeletionTimestamp != "" {
		return s.nodeDeleted(n, isMember)
	}
	if missing := without([]string{nodeFinalizer, etcdFinalizer}, n.Metadata.Finalizers); len(missing) > 0 {
		return s.setFinalizers(n, append(n.Metadata.Finalizers, missing...))
	}
	if n.Spec.PodCIDR == "" {
		return s.assignPods(n)
	}
	request, asked := annotations[removeMember]
	removed, wasRemoved := annotations[removedMember]
	current, isCurrent := annotations[memberName]
	switch {
	case !isMember || !asked:
		return nil
	case wasRemoved && isCurrent && current != removed:
		info("Resetting removed node flag as removed node name (did not match current node name)")
		return s.annotate(n, map[string]any{removedMember: nil, removeMember: "false"})
	case wasRemoved || strings.ToLower(request) != "true" || !isCurrent:
		return nil
	}
	if err := s.etcd.removeMember(current, annotations[memberAddress]); err != nil {
		return err
	}
	return s.annotate(n, map[string]any{removedMember: current, memberName: nil, memberAddress: nil})
}

// assignPods gives a node the first part of the pods' network that no other has. Kubernetes' own controller does that,
// too, ten seconds after its start; and it is what makes a kubelet look at once whether it is Ready.
func (s *clusterServer) assignPods(n node) error {
	nodes := struct{ Items []node }{}
	if err := s.api.do("GET", "/api/v1/nodes", nil, &nodes); err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, each := range nodes.Items {
		taken[each.Spec.PodCIDR] = true
	}
	_, pods, err := net.ParseCIDR(s.clusterCIDR())
	if err != nil {
		return err
	}
	start := binary.BigEndian.Uint32(pods.IP.To4())
	for index := uint32(0); ; index++ {
		ip := make(net.IP, 4)
		binary.BigEndian.PutUint32(ip, start+index<<8)
		part := ip.String() + "/24"
		if !pods.Contains(ip) {
			return fmt.Errorf("the network %s has no part left for node %s", s.clusterCIDR(), n.Metadata.Name)
		}
		if !taken[part] {
			return s.api.do("PATCH", nodePath(n.Metadata.Name), map[string]any{
				"spec": map[string]any{"podCIDR": part, "podCIDRs": []string{part}}}, nil)
		}
	}
}

// nodeDeleted lets a node go when its member has left etcd and its password is forgotten.
func (s *clusterServer) nodeDeleted(n node, isMember bool) error {
	ours := []string{nodeFinalizer, etcdFinalizer}
	rest := without(n.Metadata.Finalizers, ours)
	if len(rest) == len(n.Metadata.Finalizers) {
		return nil
	}
	if name := n.Metadata.Annotations[memberName]; isMember && name != "" {
		info("Removing etcd member %s from cluster", n.Metadata.Name)
		if err := s.etcd.removeMember(name, n.Metadata.Annotations[memberAddress]); err != nil {
			return err
		}
	}
	if err := s.passwords.forget(n.Metadata.Name); err != nil {
		return err
	}
	return s.setFinalizers(n, rest)
}

func (s *clusterServer) annotate(n node, annotations map[string]any) error {
	return s.api.do("PATCH", nodePath(n.Metadata.Name), map[string]any{"metadata": map[string]any{
		"resourceVersion": n.Metadata.ResourceVersion, "annotations": annotations}}, nil)
}

func (s *clusterServer) setFinalizers(n node, finalizers []string) error {
	return s.api.do("PATCH", nodePath(n.Metadata.Name), map[string]any{"metadata": map[string]any{
		"resourceVersion": n.Metadata.ResourceVersion, "finalizers": finalizers}}, nil)
}

func without(all, some []string) (rest []string) {
	rest = []string{}
each:
	for _, word := range all {
		for _, other := range some {
			if word == other {
				continue each
			}
		}
		rest = append(rest, word)
	}
	return rest
}
