package main

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// passwords are what nodes came with the first time; one that comes with another is none that the cluster knows.
type passwords struct{ api *apiClient }

const secrets = "/api/v1/namespaces/kube-system/secrets"

func secretName(node string) string { return strings.ToLower(node) + ".node-password.k3s" }

// ensure checks a node's password or, of a node that is new, keeps its hash.
func (p passwords) ensure(node, password string) error {
	found := struct{ Data map[string][]byte }{}
	err := p.api.do("GET", secrets+"/"+secretName(node), nil, &found)
	if err == nil {
		if !matches(string(found.Data["hash"]), password) {
			return fmt.Errorf("unable to verify hash for node '%s': hash does not match", node)
		}
		return nil
	}
	if statusOf(err) != http.StatusNotFound {
		return err
	}
	salt := make([]byte, 8)
	if _, err := rand.Read(salt); err != nil {
		return err
	}
	err = p.api.do("POST", secrets, map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": true,
		"metadata": map[string]string{"name": secretName(node), "namespace": "kube-system"},
		"data":     map[string][]byte{"hash": []byte(hashWith(hex.EncodeToString(salt), password))},
	}, nil)
	if statusOf(err) == http.StatusConflict {
		return p.ensure(node, password)
	}
	return err
}

func (p passwords) forget(node string) error {
	err := p.api.do("DELETE", secrets+"/"+secretName(node), nil, nil)
	if statusOf(err) == http.StatusNotFound {
		return nil
	}
	return err
}

func hashWith(salt, password string) string {
	sum := sha256.Sum256([]byte(salt + ":" + password))
	return "$1:" + salt + ":" + hex.EncodeToString(sum[:])
}

func matches(hash, password string) bool {
	parts := strings.Split(hash, ":")
	return len(parts) == 3 && subtle.ConstantTimeCompare([]byte(hash), []byte(hashWith(parts[1], password))) == 1
}
