using CloudScale.Interop.Handshake;

namespace CloudScale.Interop.Tests.Handshake;

/// <summary>What nodes of this library tell each other besides.</summary>
public sealed partial class HandshakeTests
{
    private static readonly byte[] s_offer = [1, 2, 3, 4];

    [TestCase((uint)OwnAbilities.Rdma, true)]
    [TestCase((uint)(OwnAbilities.Rdma | OwnAbilities.Lz4), true)]
    [TestCase((uint)OwnAbilities.Lz4, false)]
    [TestCase((uint)OwnAbilities.None, false)]
    public void Offer_IsMadeOnlyToWhoCanTakeIt(uint abilities, bool isMade)
    {
        Pair pair = new(
            alice: s_alice with
            {
                Abilities = (OwnAbilities)abilities,
            },
            bob: s_bob with
            {
                Abilities = OwnAbilities.Rdma | OwnAbilities.Lz4,
                Offer = s_offer,
            }
        );
        Assert.That(pair.Run(), Is.EqualTo((HandshakeStep.Done, HandshakeStep.Done)));
        Assert.That(pair.Initiator.Outcome!.Abilities, Is.EqualTo((OwnAbilities)abilities));
        Assert.That(pair.Acceptor.Outcome!.Abilities, Is.EqualTo((OwnAbilities)abilities));
        Assert.That(pair.Initiator.Outcome.PeerOffer.ToArray(), Is.EqualTo(isMade ? s_offer : []));
        Assert.That(pair.Acceptor.Outcome.PeerOffer.IsEmpty, Is.True, "who calls has none");
    }

    [TestCase("435352010000000204AABBCCDD", "AABBCCDD")]
    [TestCase("435352010000000204AABBCCDDEE", "AABBCCDD", Description = "a later version says more")]
    [TestCase("435352010000000204AABBCC", "", Description = "less than it says")]
    [TestCase("435352010000000241AABBCCDD", "", Description = "longer than any")]
    [TestCase("4353520100000002", "")]
    [TestCase("435352020000000204AABBCCDD", "", Description = "not ours")]
    [TestCase("", "")]
    public void Offer_BehindAName_IsReadOrIgnored(string trailer, string offer) =>
        Assert.That(AbilityTrailer.ReadOffer(Convert.FromHexString(trailer)).ToArray(), Is.EqualTo(Convert.FromHexString(offer)));
}
