package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// tokens: the token that was given, or the one there is, or a new one.
func (s *clusterServer) tokens(given string) error {
	path := filepath.Join(s.folder, "token")
	if given == "" {
		content, _ := os.ReadFile(path)
		given = strings.TrimSpace(string(content))
	}
	if given == "" {
		random, err := keptSecret(filepath.Join(s.folder, ".token"), 16)
		if err != nil {
			return err
		}
		os.Remove(filepath.Join(s.folder, ".token"))
		given = random
	}
	parsed, err := parseToken(given)
	if err != nil {
		return err
	}
	s.password, s.agentPassword = parsed.password, parsed.password
	if other, err := s.options.file("agent-token"); err != nil {
		return err
	} else if other != "" {
		parsed, err := parseToken(other)
		if err != nil {
			return err
		}
		s.agentPassword = parsed.password
	}
	return s.writeTokens()
}

func (s *clusterServer) writeTokens() error {
	ca, err := os.ReadFile(filepath.Join(s.tls, "server-ca.crt"))
	if err != nil {
		return err
	}
	path := filepath.Join(s.folder, "token")
	if err := os.WriteFile(path, []byte(formatToken("server", s.password, ca)+"\n"), 0o600); err != nil {
		return err
	}
	agents := filepath.Join(s.folder, "agent-token")
	os.Remove(agents)
	if s.agentPassword != s.password {
		if err := os.WriteFile(agents, []byte(formatToken("node", s.agentPassword, ca)+"\n"), 0o600); err != nil {
			return err
		}
	} else if err := os.Symlink(path, agents); err != nil {
		return err
	}
	old := filepath.Join(s.folder, "node-token")
	os.Remove(old)
	if err := os.Symlink(agents, old); err != nil {
		return err
	}
	passwd := fmt.Sprintf("%s,node,node,k3s:agent\n%s,server,server,k3s:server\n", s.agentPassword, s.password)
	return os.WriteFile(filepath.Join(s.cred, "passwd"), []byte(passwd), 0o600)
}
