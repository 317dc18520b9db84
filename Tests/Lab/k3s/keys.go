package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
)

// keys makes what is missing of the keys that the cluster hangs on.
func (s *clusterServer) keys() error {
	for path, name := range map[string]string{
		"server-ca": "k3s-server-ca", "client-ca": "k3s-client-ca", "request-header-ca": "k3s-request-header-ca",
		"etcd/server-ca": "etcd-server-ca", "etcd/peer-ca": "etcd-peer-ca",
	} {
		if err := makeAuthority(filepath.Join(s.tls, path), name); err != nil {
			return err
		}
	}
	if err := makeServiceKey(filepath.Join(s.tls, "service.key")); err != nil {
		return err
	}
	path := s.encryptionConfig()
	if !s.on("secrets-encryption") || exists(path) {
		return nil
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	content := fmt.Sprintf(`{"kind":"EncryptionConfiguration","apiVersion":"apiserver.config.k8s.io/v1","resources":[
		{"resources":["secrets"],"providers":[
			{"aescbc":{"keys":[{"name":"aescbckey","secret":%q}]}},
			{"identity":{}}]}]}`, base64.StdEncoding.EncodeToString(random))
	return os.WriteFile(path, []byte(content), 0o600)
}

func (s *clusterServer) encryptionConfig() string {
	return filepath.Join(s.cred, "encryption-config.json")
}

// certificates issues those that are missing, of other hosts, or about to end.
func (s *clusterServer) certificates() error {
	hosts := append(s.list("tls-san"), "127.0.0.1", "127.0.0.2", "::1", "localhost", s.name, s.address, s.advertised(),
		s.service(1), "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc."+s.clusterDomain())
	for ca, leaves := range map[string]map[string]subject{
		"server-ca": {"serving-kube-apiserver": {"kube-apiserver", nil, server, hosts}},
		"client-ca": {
			"client-admin":          clientOf("system:admin", "system:masters"),
			"client-controller":     clientOf("system:kube-controller-manager"),
			"client-scheduler":      clientOf("system:kube-scheduler"),
			"client-kube-apiserver": clientOf("system:apiserver", "system:masters"),
		},
		"request-header-ca": {"client-auth-proxy": clientOf("system:auth-proxy")},
		"etcd/server-ca": {
			"etcd/client":        clientOf("etcd-client"),
			"etcd/server-client": {"etcd-server", nil, both, hosts},
		},
		"etcd/peer-ca": {"etcd/peer-server-client": {"etcd-peer", nil, both, hosts}},
	} {
		signer, err := loadAuthority(filepath.Join(s.tls, ca))
		if err != nil {
			return err
		}
		for path, about := range leaves {
			if err := signer.keep(filepath.Join(s.tls, path), about); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *clusterServer) advertised() string {
	if external := s.list("node-external-ip"); len(external) > 0 {
		return s.text("advertise-address", external[0])
	}
	return s.text("advertise-address", s.address)
}
