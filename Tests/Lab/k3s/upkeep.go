package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// runCertificate: rotate puts aside what a start issues anew.
func runCertificate(arguments []string) error {
	if len(arguments) == 0 || arguments[0] != "rotate" {
		return fmt.Errorf("the lab's stand-in for k3s knows certificate rotate")
	}
	o, err := parseOptions(serverFlags, arguments[1:])
	if err != nil {
		return err
	}
	data := o.text("data-dir", defaultData)
	backup := filepath.Join(data, "server", fmt.Sprintf("tls-%d", time.Now().Unix()))
	for _, pattern := range []string{
		"server/tls/client-*", "server/tls/serving-*", "server/tls/etcd/*client*",
		"agent/client-kubelet.*", "agent/serving-kubelet.*",
	} {
		paths, err := filepath.Glob(filepath.Join(data, pattern))
		if err != nil {
			return err
		}
		for _, path := range paths {
			if base := filepath.Base(path); base == "client-ca.crt" || base == "client-ca.key" {
				continue
			}
			relative, err := filepath.Rel(data, path)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(backup, relative)), 0o700); err != nil {
				return err
			}
			if err := os.Rename(path, filepath.Join(backup, relative)); err != nil {
				return err
			}
		}
	}
	info("Successfully backed up certificates to %s, please restart k3s server or agent to rotate certificates", backup)
	return nil
}

// runSecretsEncrypt: status says whether secrets are encrypted.
func runSecretsEncrypt(arguments []string) error {
	if len(arguments) == 0 || arguments[0] != "status" {
		return fmt.Errorf("the lab's stand-in for k3s knows secrets-encrypt status")
	}
	o, err := parseOptions(serverFlags, arguments[1:])
	if err != nil {
		return err
	}
	if !exists(filepath.Join(o.text("data-dir", defaultData), "server/cred/encryption-config.json")) {
		fmt.Println("Encryption Status: Disabled, no configuration file found")
		return nil
	}
	fmt.Println("Encryption Status: Enabled\nCurrent Rotation Stage: start\n" +
		"Server Encryption Hashes: All hashes match\n\n" +
		"Active  Key Type  Name\n------  --------  ----\n *      AES-CBC   aescbckey")
	return nil
}
