package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// An authority signs certificates; its files are PATH.crt and PATH.key.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// makeAuthority makes a new one where there is none.
func makeAuthority(path, name string) error {
	if _, err := os.Stat(path + ".crt"); err == nil {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0), Subject: pkix.Name{CommonName: fmt.Sprintf("%s@%d", name, clock().Unix())},
		NotBefore: clock().UTC().Add(-time.Minute), NotAfter: clock().UTC().AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	return writePair(path, encode("CERTIFICATE", der), key)
}

// loadPair reads PATH.crt and PATH.key.
func loadPair(path string) (tls.Certificate, error) {
	return tls.LoadX509KeyPair(path+".crt", path+".key")
}

func loadAuthority(path string) (authority, error) {
	pair, err := loadPair(path)
	if err != nil {
		return authority{}, err
	}
	certificate, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return authority{}, err
	}
	content, err := os.ReadFile(path + ".crt")
	return authority{certificate, pair.PrivateKey.(*ecdsa.PrivateKey), content}, err
}

// loadCertificate is an authority to believe, not to sign with.
func loadCertificate(path string) (authority, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return authority{}, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return authority{}, fmt.Errorf("%s: no certificate", path)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	return authority{certificate: certificate, pem: content}, err
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// A subject is what a leaf certificate is about.
type subject struct {
	name   string
	groups []string
	usages []x509.ExtKeyUsage
	hosts  []string
}

var (
	client = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	server = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	both   = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
)

func clientOf(name string, groups ...string) subject { return subject{name, groups, client, nil} }

// issue signs a certificate for a year, CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS says otherwise.
func (a authority) issue(about subject) (certificate []byte, key *ecdsa.PrivateKey, err error) {
	key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	days, err := strconv.Atoi(os.Getenv("CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS"))
	if err != nil {
		days = 365
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 62))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: about.name, Organization: about.groups},
		NotBefore: a.certificate.NotBefore, NotAfter: clock().UTC().AddDate(0, 0, days),
		KeyUsage: x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature, ExtKeyUsage: about.usages,
	}
	for _, host := range about.hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	return append(encode("CERTIFICATE", der), a.pem...), key, err
}

// keep issues a certificate into PATH.crt and PATH.key, unless there is one that still does: from this authority, for
// these hosts, and with 90 days to go.
func (a authority) keep(path string, about subject) error {
	if pair, err := loadPair(path); err == nil {
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err == nil && leaf.CheckSignatureFrom(a.certificate) == nil && covers(leaf, about.hosts) &&
			clock().AddDate(0, 0, 90).Before(leaf.NotAfter) {
			return nil
		}
	}
	certificate, key, err := a.issue(about)
	if err != nil {
		return err
	}
	return writePair(path, certificate, key)
}

func covers(leaf *x509.Certificate, hosts []string) bool {
	for _, host := range hosts {
		if leaf.VerifyHostname(host) != nil {
			return false
		}
	}
	return true
}

func writePair(path string, certificate []byte, key *ecdsa.PrivateKey) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	encoded, err := encodeKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".key", encoded, 0o600); err != nil {
		return err
	}
	return os.WriteFile(path+".crt", certificate, 0o644)
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	return encode("EC PRIVATE KEY", der), err
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// makeServiceKey makes the key that service accounts' tokens are signed with.
func makeServiceKey(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return os.WriteFile(path, encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), 0o600)
}

// splitPair takes apart what the supervisor hands out as one: a certificate and its key.
func splitPair(content []byte) (certificate, key []byte) {
	var block *pem.Block
	for block, content = pem.Decode(content); block != nil; block, content = pem.Decode(content) {
		if bytes.Contains([]byte(block.Type), []byte("PRIVATE KEY")) {
			key = append(key, pem.EncodeToMemory(block)...)
		} else {
			certificate = append(certificate, pem.EncodeToMemory(block)...)
		}
	}
	return certificate, key
}
