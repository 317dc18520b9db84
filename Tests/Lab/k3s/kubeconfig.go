package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// writeKubeconfig writes the administrator's, for people, with the mode that was asked for.
func (s *clusterServer) writeKubeconfig() error {
	mode, err := strconv.ParseUint(s.text("write-kubeconfig-mode", "600"), 8, 32)
	if err != nil {
		return fmt.Errorf("invalid write-kubeconfig-mode %s", s.text("write-kubeconfig-mode", ""))
	}
	ca, admin := filepath.Join(s.tls, "server-ca.crt"), filepath.Join(s.tls, "client-admin")
	for path, permissions := range map[string]os.FileMode{
		s.text("write-kubeconfig", "/etc/rancher/k3s/k3s.yaml"): os.FileMode(mode),
		filepath.Join(s.cred, "admin.kubeconfig"):               0o600,
	} {
		if err := writeKubeconfig(path, "https://127.0.0.1:"+s.port, ca, admin, permissions); err != nil {
			return err
		}
		info("Wrote kubeconfig %s", path)
	}
	return nil
}

// writeKubeconfig writes one with the certificate at the path pair.
func writeKubeconfig(path, server, ca, pair string, mode os.FileMode) error {
	encoded := []any{}
	for _, file := range []string{ca, pair + ".crt", pair + ".key"} {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		encoded = append(encoded, base64.StdEncoding.EncodeToString(content))
	}
	content := fmt.Sprintf(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: %s
    server: `+server+`
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: %s
    client-key-data: %s
`, encoded...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}
