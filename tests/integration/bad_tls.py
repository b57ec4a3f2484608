"""TLS origins that a gateway must refuse, each wrong in one way."""
import os
import ssl
import subprocess

import origins

CA_CONFIG = """[ca]
default_ca = all
[all]
database = %(folder)s/index.txt
new_certs_dir = %(folder)s
serial = %(folder)s/serial.txt
default_md = sha256
policy = any
email_in_dn = no
unique_subject = no
[any]
commonName = supplied
"""


class Zoo:
    """Certificates made with the authority `good`, which the gateway trusts, or with others, which it does not."""

    def __init__(self, good):
        self.good = good
        self.folder = good.folder
        self.other = origins.TestAuthority()

    def close(self):
        self.other.close()

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def request(self, stem, name, key):
        self.openssl("req", "-new", "-newkey", *key, "-nodes", "-keyout", stem + ".key", "-out", stem + ".csr", "-subj", "/CN=" + name)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as out:
            out.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="ascii") as text:
            return text.read()

    def context(self, stem, chain=()):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        if chain:
            self.write(stem + ".chain", "".join(self.read(f) for f in (stem + ".crt", *chain)))
        context.load_cert_chain(os.path.join(self.folder, stem + (".chain" if chain else ".crt")),
                                os.path.join(self.folder, stem + ".key"))
        return context

    EC = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")

    def leaf(self, stem, name, *options, key=EC, san=True, issuer="ca", more=""):
        self.request(stem, name, key)
        extensions = ("-extfile", stem + ".ext") if san else ()
        if san:
            self.write(stem + ".ext", f"subjectAltName=DNS:{name}\n{more}")
        self.openssl("x509", "-req", "-in", stem + ".csr", "-CA", issuer + (".pem" if issuer == "ca" else ".crt"), "-CAkey",
                     issuer + ".key", "-CAcreateserial", "-days", "2", *extensions, *options, "-out", stem + ".crt")
        return self.context(stem)

    def dated(self, stem, name, start, end):
        self.request(stem, name, self.EC)
        self.write("ca.cnf", CA_CONFIG % {"folder": self.folder})
        self.write("index.txt", "")
        self.write("serial.txt", "01\n")
        self.write(stem + ".ext", f"subjectAltName=DNS:{name}\n")
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", stem + ".csr", "-out",
                     stem + ".crt", "-startdate", start, "-enddate", end, "-extfile", stem + ".ext", "-notext")
        return self.context(stem)

    def note(self, *stems, revoked=()):
        """The authority's register: what it says of these certificates, in OCSP and in its list."""
        lines = []
        for stem in (*stems, *revoked):
            done = subprocess.run(["openssl", "x509", "-serial", "-noout", "-in", stem + ".crt"], cwd=self.folder, check=True,
                                  capture_output=True, text=True)
            state = "R\t401231000000Z\t200101000000Z" if stem in revoked else "V\t401231000000Z\t"
            lines.append(f"{state}\t{done.stdout.strip().split('=')[1]}\tunknown\t/CN={stem}\n")
        self.write("index.txt", "".join(lines))
        self.write("ca.cnf", CA_CONFIG % {"folder": self.folder})

    def status(self, stem, file, signer="ca"):
        """What an origin would staple, signed by `signer`."""
        ca = signer + (".pem" if signer == "ca" else ".crt")
        self.openssl("ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", ca, "-rkey", signer + ".key", "-issuer", "ca.pem",
                     "-cert", stem + ".crt", "-ndays", "2", "-respout", file)

    def revocation_list(self, file, form="PEM"):
        self.openssl("ca", "-gencrl", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-crldays", "2", "-out", "list.pem")
        self.openssl("crl", "-in", "list.pem", "-outform", form, "-out", file)

    def self_signed(self, stem, name):
        self.openssl("req", "-x509", "-newkey", *self.EC, "-nodes", "-days", "2", "-keyout", stem + ".key", "-out", stem + ".crt",
                     "-subj", "/CN=" + name, "-addext", f"subjectAltName=DNS:{name}")
        return self.context(stem)

    def signed_by_a_leaf(self, stem, name):
        self.leaf("issuer", "issuer.test")
        self.leaf(stem, name, issuer="issuer")
        return self.context(stem, chain=("issuer.crt",))

    def old_protocol(self, name):
        context = self.leaf("old-protocol", name)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context

    def all(self, name):
        """(what is wrong, context, a word that the page shows to the technician)"""
        return [
            ("expired", self.dated("expired", name, "20200101000000Z", "20210101000000Z"), "expired"),
            ("not yet valid", self.dated("early", name, "20400101000000Z", "20410101000000Z"), "not yet valid"),
            ("another host", self.leaf("another", "another.test"), "hostname mismatch"),
            ("self-signed", self.self_signed("self", name), "self-signed"),
            ("unknown root", self.other.context(name), "issuer certificate"),
            ("signed by a certificate that is no authority", self.signed_by_a_leaf("by-leaf", name), "CA certificate"),
            ("a weak key", self.leaf("weak-key", name, key=("rsa:1024",)), "key too weak"),
            ("a weak hash", self.leaf("weak-hash", name, "-sha1"), "digest algorithm too weak"),
            ("a common name only", self.leaf("cn-only", name, san=False), "hostname mismatch"),
            ("TLS 1.1", self.old_protocol(name), "version"),
        ]
