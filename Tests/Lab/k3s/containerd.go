package main

import (
	"os"
	"path/filepath"
	"strings"
)

// containerd writes the configuration that k3s would run containerd with, as far as it tells which runtimes k3s has
// found on the machine.
func (a *nodeAgent) containerd() error {
	const runtimes = `[plugins."io.containerd.grpc.v1.cri".containerd.runtimes`
	const runc = "  runtime_type = \"io.containerd.runc.v2\"\n"
	content := "version = 2\n\n" + runtimes + ".runc]\n" + runc
	for _, folder := range []string{"/usr/local/nvidia/toolkit", "/usr/bin"} {
		if path := folder + "/nvidia-container-runtime"; exists(path) {
			info("Found nvidia container runtime at %s", path)
			content += "\n" + runtimes + ".\"nvidia\"]\n" + runc +
				runtimes + ".\"nvidia\".options]\n  BinaryName = \"" + path + "\"\n"
			go a.offerGPUs()
			break
		}
	}
	folder := a.file("etc/containerd")
	if template, err := os.ReadFile(filepath.Join(folder, "config.toml.tmpl")); err == nil {
		content = strings.ReplaceAll(string(template), `{{ template "base" . }}`, content)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "config.toml"), []byte(content), 0o600)
}
