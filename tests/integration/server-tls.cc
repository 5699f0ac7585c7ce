/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS: the faults that one download accepts serve no other; allowed versions; messages about certificates. */
#include "support/fixture.h"
#include "support/tls-front.h"

using namespace st;

class ServerCertificates : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (100000);
    allow (file.body);
    server.serve ("/file", file);
  }

  static Properties
  overlook (const std::vector<std::string> &flags)
  {
    return Properties ().add_strv ("SecurityFlags", flags);
  }

  /* The message that refuses a download with only @flags. */
  std::string
  refused (const std::string &url, const std::vector<std::string> &flags = {})
  {
    Download download = create_file (url, "refused" + std::to_string (++n), overlook (flags));
    expect_failure (download, "Tls", "transport");
    return download.text ("ErrorMessage");
  }

  Resource file;
  Server server;
  int n = 0;
};

/* A ticket would let a later handshake skip the certificate (RFC 8446, section 2.2). */
TEST_F (ServerCertificates, WhatOneDownloadOverlooksServesNoOther)
{
  TlsFront front (dir / "tls", server.port ());

  for (int i = 0; i < 3; i++)
    fetch (front.url ("/file"), "trusting" + std::to_string (i), file.body,
           overlook ({"ignore-unknown-ca"}));
  refused (front.url ("/file"));
  refused (front.url ("/file"), {"ignore-date"});
  fetch (front.url ("/file"), "again", file.body, overlook ({"ignore-unknown-ca"}));
  refused (front.url ("/file"), {"ignore-common-name", "ignore-date"});
}

TEST_F (ServerCertificates, WrongHostOverlookedServesNoOther)
{
  TlsFront front (dir / "tls", server.port (), true, {"DNS:other.example"});

  fetch (front.url ("/file"), "trusting", file.body,
         overlook ({"ignore-unknown-ca", "ignore-common-name"}));
  refused (front.url ("/file"));
  refused (front.url ("/file"), {"ignore-unknown-ca"});
  refused (front.url ("/file"), {"ignore-date"});
}

TEST_F (ServerCertificates, MessageTellsWhatIsWrong)
{
  TlsFront own (dir / "own", server.port ());
  TlsFront other (dir / "other", server.port (), true,
                  {"DNS:other.example, DNS:www.other.example"});
  TlsFront old (dir / "old", server.port (), true,
                {"IP:127.0.0.1", "20200101000000Z", "20200201000000Z"});
  TlsFront early (dir / "early", server.port (), true,
                  {"IP:127.0.0.1", "20900101000000Z", "20910101000000Z"});

  std::string message = refused (own.url ("/file"));
  EXPECT_NE (message.find ("self-signed"), std::string::npos) << message;
  EXPECT_NE (message.find ("CN=sluice.test"), std::string::npos) << message;
  message = refused (other.url ("/file"), {"ignore-unknown-ca"});
  EXPECT_NE (message.find ("is for other.example, www.other.example, not for 127.0.0.1"),
             std::string::npos)
      << message;
  EXPECT_EQ (message.find ("self-signed"), std::string::npos) << message;
  message = refused (old.url ("/file"), {"ignore-unknown-ca"});
  EXPECT_NE (message.find ("expired at 2020-02-01"), std::string::npos) << message;
  message = refused (early.url ("/file"), {"ignore-unknown-ca"});
  EXPECT_NE (message.find ("not valid before 2090-01-01"), std::string::npos) << message;
}

/* RFC 8996 */
TEST_F (ServerCertificates, OldVersionsOfTlsAreNotSpoken)
{
  for (const char *version : {"-tls1", "-tls1_1", "-tls1_2", "-tls1_3"}) {
    SCOPED_TRACE (version);
    TlsFront front (dir / version, server.port ()); /* for its certificate */
    Process openssl;
    std::string directory = dir / version, log = directory + "/log";
    openssl.start (
        {{"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", directory + "/cert.pem", "-key",
          directory + "/key.pem", version, "-cipher", "ALL:@SECLEVEL=0", "-www"},
         {},
         log,
         -1});
    ASSERT_TRUE (wait_polling ([log] {
      std::string said = exists (log) ? read_file (log) : "";
      return said.find ("ACCEPT") != std::string::npos && said.back () == '\n';
    }));
    std::string said = read_file (log);
    int port = std::stoi (said.substr (said.rfind (':') + 1));
    Download download =
        create_file ("https://127.0.0.1:" + std::to_string (port) + "/",
                     "file" + std::to_string (++n), overlook ({"ignore-unknown-ca"}));
    ASSERT_TRUE (download.start ());
    bool good = std::string (version) == "-tls1_2" || std::string (version) == "-tls1_3";
    EXPECT_TRUE (download.wait (good ? "transferred" : "failed"));
    if (!good) {
      EXPECT_EQ (download.text ("Error"), std::string (kError) + "Tls");
    }
    openssl.kill ();
  }
}
