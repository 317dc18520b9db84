package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// reset makes this server the only member of its cluster, from a snapshot if one is named, and ends.
func (s *clusterServer) reset() error {
	snapshot := s.text("cluster-reset-restore-path", "")
	given, err := s.options.file("token")
	if err != nil {
		return err
	}
	if s.join != "" {
		return errors.New("cannot perform cluster-reset while server URL is set - " +
			"remove server from configuration before resetting")
	}
	if file := filepath.Join(s.folder, "token"); snapshot != "" && given == "" && !exists(file) {
		return errors.New(file + " does not exist, please pass --token to complete the restoration")
	}
	if err := s.resetDatastore(given, snapshot); err != nil {
		return fmt.Errorf("starting kubernetes: preparing server: start managed database: %w", err)
	}
	s.programs.end()
	info("Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. Backup and " +
		"delete ${datadir}/server/db on each peer etcd server and rejoin the nodes")
	return nil
}

func (s *clusterServer) resetDatastore(given, snapshot string) error {
	if snapshot == "" && exists(s.resetFlag()) {
		return fmt.Errorf("Managed etcd cluster membership was previously reset, please remove the cluster-reset flag "+
			"and start k3s normally. If you need to perform another cluster reset, you must first manually delete the "+
			"%s file", s.resetFlag())
	}
	s.etcd = s.embeddedEtcd()
	s.etcd.closed = true
	// A machine that had no part in the cluster needs keys to start etcd with, until it has the cluster's.
	if err := s.keys(); err != nil {
		return err
	}
	if err := s.tokens(given); err != nil {
		return err
	}
	if err := s.certificates(); err != nil {
		return err
	}
	if snapshot != "" {
		if err := s.restore(snapshot); err != nil {
			return err
		}
	}
	if err := s.etcd.setName(true, s.name); err != nil {
		return err
	}
	if err := os.WriteFile(s.resetFlag(), nil, 0o600); err != nil {
		return err
	}
	info("Starting etcd for new cluster")
	if err := s.etcd.start("--force-new-cluster"); err != nil {
		return err
	}
	if err := s.etcd.awaitReady(); err != nil {
		return err
	}
	if err := s.etcd.ownPeerURL(); err != nil {
		return err
	}
	return s.adoptBootstrap()
}

// restore puts a snapshot in the datastore's place; what was there is kept beside it.
func (s *clusterServer) restore(snapshot string) error {
	about, err := os.Stat(snapshot)
	if err != nil {
		return fmt.Errorf("etcd: snapshot path does not exist: %s", snapshot)
	}
	if about.IsDir() {
		return fmt.Errorf("etcd: snapshot path must be a file, not a directory: %s", snapshot)
	}
	if exists(s.etcd.folder) {
		old := fmt.Sprintf("%s-old-%d", s.etcd.folder, time.Now().Unix())
		if err := os.Rename(s.etcd.folder, old); err != nil {
			return err
		}
		info("Pre-restore etcd database moved to %s", old)
	}
	return etcdctl("snapshot", "restore", snapshot, "--data-dir="+s.etcd.folder, "--name="+s.name,
		"--initial-cluster="+s.name+"="+s.etcd.peerURL(), "--initial-advertise-peer-urls="+s.etcd.peerURL())
}

// adoptBootstrap takes the cluster's keys from the datastore, which only its token opens.
func (s *clusterServer) adoptBootstrap() error {
	files, err := s.storedBootstrap()
	if err != nil {
		return err
	}
	if err := s.writeBootstrap(files); err != nil {
		return err
	}
	if err := s.certificates(); err != nil {
		return err
	}
	return s.writeTokens()
}
