/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http/session-pool: which requests share connections, and how many sessions are kept. */
#include "unit.h"

#include "base/enums.h"
#include "http/session-pool.h"

namespace
{

class SessionPool : public testing::Test
{
protected:
  SlSessionPool *pool = sl_session_pool_new ();

  ~SessionPool () override
  {
    sl_session_pool_free (pool);
  }
  SoupSession *
  acquire (guint32 owner, guint security = 0)
  {
    SlAccess access = {owner, security};
    return sl_session_pool_acquire (pool, &access);
  }
  void
  release (SoupSession *session)
  {
    sl_session_pool_release (pool, session);
  }
  /* Uses the session of @owner for a moment. */
  SoupSession *
  touch (guint32 owner)
  {
    SoupSession *session = acquire (owner);
    release (session);
    return session;
  }
};

/* Whether an object still lives. */
class Life
{
public:
  explicit Life (SoupSession *session) : object (G_OBJECT (session))
  {
    g_object_add_weak_pointer (object, (gpointer *)&object);
  }
  Life (const Life &) = delete;
  Life &operator= (const Life &) = delete;
  ~Life ()
  {
    if (object != nullptr)
      g_object_remove_weak_pointer (object, (gpointer *)&object);
  }
  bool
  lasts () const
  {
    return object != nullptr;
  }

private:
  GObject *object;
};

} // namespace

TEST_F (SessionPool, EqualAccessesShareOne)
{
  SoupSession *first = acquire (1000, SL_SECURITY_IGNORE_DATE);

  EXPECT_EQ (acquire (1000, SL_SECURITY_IGNORE_DATE), first);
  release (first);
  release (first);
  EXPECT_EQ (acquire (1000, SL_SECURITY_IGNORE_DATE), first);
  release (first);
}

TEST_F (SessionPool, TwoOwnersNeverShareOne)
{
  SoupSession *first = acquire (1000), *second = acquire (1001);

  EXPECT_NE (first, second);
  release (first);
  release (second);
  EXPECT_EQ (touch (1001), second);
  EXPECT_EQ (touch (1000), first);
}

TEST_F (SessionPool, EachSetOfOverlookedFaultsHasItsOwn)
{
  std::vector<SoupSession *> sessions;

  for (guint security = 0; security <= SL_SECURITY_CERTIFICATE; security++)
    sessions.push_back (acquire (1000, security));
  for (SoupSession *session : sessions)
    EXPECT_EQ (std::count (sessions.begin (), sessions.end (), session), 1);
  for (SoupSession *session : sessions)
    release (session);
}

/* Flags about redirects don't matter for a connection. */
TEST_F (SessionPool, OtherFlagsMakeNoDifference)
{
  SoupSession *first = acquire (1000, SL_SECURITY_IGNORE_DATE);

  EXPECT_EQ (acquire (1000, SL_SECURITY_IGNORE_DATE | SL_SECURITY_ALLOW_PRIVATE_REDIRECT), first);
  release (first);
  release (first);
}

TEST_F (SessionPool, TheOneUnusedForLongestIsGivenUp)
{
  std::vector<std::unique_ptr<Life>> lives;

  for (guint32 owner = 0; owner < SL_SESSION_POOL_MAX; owner++)
    lives.push_back (std::make_unique<Life> (touch (owner)));
  touch (0);
  for (const auto &life : lives)
    EXPECT_TRUE (life->lasts ());
  touch (1000);
  for (guint32 owner = 0; owner < SL_SESSION_POOL_MAX; owner++)
    EXPECT_EQ (lives[owner]->lasts (), owner != 1) << owner;
}

TEST_F (SessionPool, OneInUseIsNeverGivenUp)
{
  std::vector<std::unique_ptr<Life>> lives;
  std::vector<SoupSession *> sessions;

  /* more than are kept, all at once */
  for (guint32 owner = 0; owner < SL_SESSION_POOL_MAX + 3; owner++) {
    sessions.push_back (acquire (owner));
    lives.push_back (std::make_unique<Life> (sessions[owner]));
  }
  touch (1000);
  for (const auto &life : lives)
    EXPECT_TRUE (life->lasts ());
  /* they are closed as soon as possible */
  for (SoupSession *session : sessions)
    release (session);
  EXPECT_EQ (std::count_if (lives.begin (), lives.end (),
                            [] (const std::unique_ptr<Life> &life) { return life->lasts (); }),
             SL_SESSION_POOL_MAX);
  EXPECT_TRUE (lives.back ()->lasts ());
}

TEST_F (SessionPool, NothingIsDecodedOnTheWay)
{
  SoupSession *session = acquire (1000);

  EXPECT_FALSE (soup_session_has_feature (session, SOUP_TYPE_CONTENT_DECODER));
  release (session);
}
