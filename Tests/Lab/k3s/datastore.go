package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func (s *clusterServer) embeddedEtcd() *etcd {
	return &etcd{
		folder: filepath.Join(s.folder, "db", "etcd"), address: s.address, embedded: true,
		tls: filepath.Join(s.tls, "etcd"), arguments: s.values["etcd-arg"], patience: patienceAlone,
		programs: s.programs,
	}
}

// chooseDatastore: etcd where it has been initialized before, or where servers are to share it; else sqlite's stand-in.
func (s *clusterServer) chooseDatastore(token string) {
	s.etcd = s.embeddedEtcd()
	if tombstone := filepath.Join(s.etcd.folder, "tombstone"); exists(tombstone) {
		info("tombstone file has been detected, removing data dir to rejoin the cluster")
		os.Rename(s.etcd.folder, fmt.Sprintf("%s-old-%d", s.etcd.folder, time.Now().Unix()))
	}
	if !s.etcd.initialized() && !s.on("cluster-init") && (s.join == "" || token == "") {
		s.etcd.embedded, s.etcd.folder, s.etcd.address = false, s.sqlite(), "127.0.0.1"
	}
}

func (s *clusterServer) sqlite() string { return filepath.Join(s.folder, "db", "state.db") }

func (s *clusterServer) resetFlag() string { return filepath.Join(s.folder, "db", "reset-flag") }

func (s *clusterServer) startDatastore(cluster *clusterClient) error {
	wasReset := exists(s.resetFlag())
	os.Remove(s.resetFlag())
	if err := s.etcd.setName(false, s.name); err != nil {
		return err
	}
	var err error
	switch {
	case s.etcd.initialized():
		err = s.etcd.startExisting()
	case cluster != nil:
		if err = s.etcd.join(cluster, s.name); err != nil {
			err = fmt.Errorf("ETCD join failed: %w", err)
		}
	case s.etcd.embedded && exists(s.sqlite()):
		err = s.migrate()
	default:
		err = s.etcd.startNew()
	}
	if err == nil {
		err = s.etcd.awaitReady()
	}
	if err == nil && wasReset {
		s.passwords.forget(s.name)
	}
	return err
}

// recoverKeys takes the cluster's keys from what stands for sqlite, on a machine that has only the database and the
// token. For that it is started with keys of the moment.
func (s *clusterServer) recoverKeys(given string) error {
	if err := s.keys(); err != nil {
		return err
	}
	if err := s.tokens(given); err != nil {
		return err
	}
	if err := s.certificates(); err != nil {
		return err
	}
	if err := s.etcd.setName(false, s.name); err != nil {
		return err
	}
	if err := s.etcd.startExisting(); err != nil {
		return err
	}
	if err := s.etcd.awaitReady(); err != nil {
		return err
	}
	if err := s.adoptBootstrap(); err != nil {
		return err
	}
	stop([]*member{s.etcd.process}, 4*time.Second)
	return nil
}

// migrate makes of sqlite's stand-in the first member of an etcd cluster.
func (s *clusterServer) migrate() error {
	info("Migrating content from sqlite to etcd")
	member := filepath.Join(s.etcd.folder, "member")
	if err := os.Rename(filepath.Join(s.sqlite(), "member"), member); err != nil {
		return err
	}
	if err := os.Rename(s.sqlite(), s.sqlite()+".migrated"); err != nil {
		return err
	}
	if err := s.etcd.start("--force-new-cluster"); err != nil {
		return err
	}
	if err := s.etcd.awaitReady(); err != nil {
		return err
	}
	return s.etcd.ownPeerURL()
}
