package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// What all servers of a cluster have in common; it also lies in the datastore, encrypted with the token.
var bootstrapFiles = []string{
	"tls/server-ca", "tls/client-ca", "tls/request-header-ca", "tls/etcd/server-ca", "tls/etcd/peer-ca",
	"tls/service.key", "cred/encryption-config.json",
}

// files are the paths of an entry above: an authority has two.
func (s *clusterServer) bootstrapPaths() (paths []string) {
	for _, name := range bootstrapFiles {
		if filepath.Ext(name) == "" {
			paths = append(paths, name+".crt", name+".key")
		} else {
			paths = append(paths, name)
		}
	}
	return paths
}

// readBootstrap is the content of what the servers have in common, by path.
func (s *clusterServer) readBootstrap() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, path := range s.bootstrapPaths() {
		content, err := os.ReadFile(filepath.Join(s.folder, path))
		if err == nil {
			files[path] = content
		} else if !os.IsNotExist(err) {
			return nil, err
		}
	}
	return files, nil
}

func (s *clusterServer) writeBootstrap(files map[string][]byte) error {
	for _, path := range s.bootstrapPaths() {
		content, given := files[path]
		if !given {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(s.folder, path)), 0o700); err != nil {
			return err
		}
		mode := os.FileMode(0o600)
		if filepath.Ext(path) == ".crt" {
			mode = 0o644
		}
		if err := os.WriteFile(filepath.Join(s.folder, path), content, mode); err != nil {
			return err
		}
	}
	return nil
}

// bootstrapFrom fetches it from the server that is to be joined, once that is the one that the token names and its
// settings are ours.
func (s *clusterServer) bootstrapFrom(given string) (*clusterClient, error) {
	cluster, err := validated(s.join, given, "server")
	if err != nil {
		return nil, err
	}
	content, err := cluster.get("/v1-k3s/server-bootstrap")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if err := json.Unmarshal(content, &files); err != nil {
		return nil, err
	}
	if content, err = cluster.get("/v1-k3s/config"); err != nil {
		return nil, err
	}
	theirs := map[string]string{}
	if err := json.Unmarshal(content, &theirs); err != nil {
		return nil, err
	}
	differs := false
	for name, ours := range s.critical() {
		if theirs[name] != ours {
			logf("error", "critical configuration mismatched: %s: %q here, %q on the server", name, ours, theirs[name])
			differs = true
		}
	}
	if differs {
		return nil, errors.New("failed to validate server configuration: " +
			"critical configuration value mismatch between servers")
	}
	return cluster, s.writeBootstrap(files)
}

// critical is what must be the same on all servers.
func (s *clusterServer) critical() map[string]string {
	disabled := s.list("disable")
	sort.Strings(disabled)
	return map[string]string{
		"ClusterIPRanges":    s.clusterCIDR(),
		"ServiceIPRanges":    s.serviceCIDR(),
		"ClusterDNSs":        s.clusterDNS(),
		"ClusterDomain":      s.clusterDomain(),
		"FlannelBackend":     s.text("flannel-backend", "vxlan"),
		"EgressSelectorMode": s.text("egress-selector-mode", "agent"),
		"Disables":           strings.Join(disabled, ","),
		"EncryptSecrets":     fmt.Sprint(s.on("secrets-encryption")),
	}
}

// reconcileBootstrap puts the keys into the datastore of a new cluster; in one that has some, they must have been put
// there with the same token.
func (s *clusterServer) reconcileBootstrap() error {
	found, err := s.etcd.list("/bootstrap/")
	if err != nil {
		return err
	}
	if len(found) == 0 {
		files, err := s.readBootstrap()
		if err != nil {
			return err
		}
		sealed, err := seal(files, s.password)
		if err != nil {
			return err
		}
		return s.etcd.put(bootstrapKey(s.password), sealed)
	}
	_, err = s.storedBootstrap()
	return err
}

// storedBootstrap is what the datastore has of them.
func (s *clusterServer) storedBootstrap() (map[string][]byte, error) {
	found, err := s.etcd.list("/bootstrap/")
	if err != nil {
		return nil, err
	}
	sealed, ours := found[bootstrapKey(s.password)]
	if !ours {
		return nil, errors.New("bootstrap data already found and encrypted with different token")
	}
	return unseal(sealed, s.password)
}

func bootstrapKey(password string) string {
	sum := sha256.Sum256([]byte(password))
	return "/bootstrap/" + hex.EncodeToString(sum[:])[:12]
}

func sealer(password string) (cipher.AEAD, error) {
	key := sha256.Sum256([]byte("bootstrap:" + password))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func seal(files map[string][]byte, password string) ([]byte, error) {
	content, err := json.Marshal(files)
	if err != nil {
		return nil, err
	}
	aead, err := sealer(password)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, content, nil), nil
}

func unseal(sealed []byte, password string) (files map[string][]byte, err error) {
	aead, err := sealer(password)
	if err != nil {
		return nil, err
	}
	content, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil {
		return nil, err
	}
	return files, json.Unmarshal(content, &files)
}
