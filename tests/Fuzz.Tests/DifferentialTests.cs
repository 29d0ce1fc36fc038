using CloudScale.Fuzz.Otp;
using CloudScale.Fuzz.Running;

namespace CloudScale.Fuzz.Tests;

/// <summary>Some seconds of what <c>./build.sh fuzzotp</c> does with a million inputs: a real Erlang judges them as well.</summary>
[NonParallelizable]
public sealed class DifferentialTests
{
    [Test]
    [Category("OtpNode")]
    [CancelAfter(120_000)]
    public void RandomTerms_OursAndErlangs_AgreeButForWhatIsListed()
    {
        if (ErlangPeer.Absent is { } reason)
            Assert.Ignore(reason);
        ulong seed = TestContext.CurrentContext.Random.NextULong();
        Differential differential = new(seed, TestContext.Out.WriteLine);
        IReadOnlyList<Finding> findings = differential.Run(100_000, atMost: TimeSpan.FromSeconds(5));
        Assert.That(findings, Is.Empty, $"seed {seed}");
        Assert.That(differential.Cases, Is.GreaterThan(1000));
    }

    // What the releases differ in: bytes, and the name of the disagreement with a release.
    private static readonly (string Bytes, Func<int, string?> Name)[] s_ofReleases =
    [
        ("83 4D00000000 00", release => release >= 27 ? "bit string of no bytes" : null),
        ("83 4300000000 01 770161 770162", release => release < 29 ? "native record" : null),
        ("83 59 7703614062 00000001 00000001", release => release >= 26 ? "form of ports and funs" : null),
        ($"83 {Fun(5, 7)}", release => release >= 27 ? "form of ports and funs" : null),
        (
            $"83 6802 {Fun(5, 7)} {Fun(6, 7)}",
            release =>
                release >= 28 ? "old numbers of a fun"
                : release == 27 ? "form of ports and funs"
                : null
        ),
        (
            $"83 7400000002 {Fun(5, 7)} 6A {Fun(6, 7)} 6A",
            release =>
                release >= 28 ? s_keys
                : release == 27 ? s_order
                : null
        ),
        ("83 7400000002 46 0000000000000000 6A 46 8000000000000000 6A", release => release >= 27 ? "keys 0.0 and -0.0" : null),
    ];

    private const string s_keys = "keys that differ in the old numbers of funs";
    private const string s_order = "order of the keys of a map";

    /// <summary>A fun of one argument of module <c>m</c>, made by a process of <c>a@b</c>.</summary>
    private static string Fun(byte oldUniq, byte oldIndex) =>
        $"70 00000036 01 00000000000000000000000000000001 00000007 00000000 77016D 61{oldIndex:X2} 61{oldUniq:X2} 58 7703614062 00000001 00000002 00000003";

    [Test]
    [Category("OtpNode")]
    public void Releases_WhatTheyDifferIn_IsWhatThisOneDoes()
    {
        if (ErlangPeer.Absent is { } reason)
            Assert.Ignore(reason);
        using ErlangPeer peer = new();
        Differential differential = new(1, TestContext.Out.WriteLine);
        Assert.Multiple(() =>
        {
            foreach ((string bytes, Func<int, string?> name) in s_ofReleases)
            {
                string? said = differential.Judge(peer, Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));
                Assert.That(said, Is.EqualTo(name(peer.Release)), $"OTP {peer.Release}: {bytes}");
            }
        });
    }

    [Test]
    public void Disagreements_EachOne_IsExplainedInTheReadme()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        Assert.That(Disagreements.All, Is.Not.Empty);
        Assert.That(
            Disagreements.All.Where(known => !readme.Contains($"| {known.Name} | {known.Reason} |", StringComparison.Ordinal)),
            Is.Empty
        );
    }
}
