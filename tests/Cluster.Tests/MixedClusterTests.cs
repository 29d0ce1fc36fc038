using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Cluster.Tests;

/// <summary>
/// Three nodes, Erlang's and ours, each a process of its own: after whatever happens to one of them all agree again on who is there, on the members of a group and on the global names.
/// </summary>
/// <remarks>CLOUDSCALE_CLUSTER_ROUNDS and CLOUDSCALE_CLUSTER_SEED choose how many rounds there are, and which.</remarks>
[Category("OtpNode"), NonParallelizable]
public sealed class MixedClusterTests
{
    private const int Hosts = 3;
    private static readonly TimeSpan s_stopped = TimeSpan.FromSeconds(Member.TickSeconds * 1.6); // longer than anybody is waited for
    private static readonly TimeSpan s_parted = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly List<string> _story = [];
    private Member[] _members = [];
    private Namespaces? _network;
    private int _names;

    private enum Trouble
    {
        Join,
        Kill,
        Stop,
        Part,
    }

    [TearDown]
    public async Task StopAll()
    {
        foreach (Member member in _members)
            await member.DisposeAsync();
        if (_network is not null)
            await _network.DisposeAsync();
    }

    /// <summary>The Erlang nodes of a cluster may be of other releases than the machine's: one program each, with colons between.</summary>
    private static string Erlang(int index) =>
        (Environment.GetEnvironmentVariable("CLOUDSCALE_CLUSTER_ERL") ?? "").Split(':').ElementAtOrDefault(index) is { Length: > 0 } program
            ? program
            : "erl";

    [Test]
    public async Task GlobalAndGroups_WhateverHappensToAMember_AreTheSameOnAll([Values(1, 2)] int erlangNodes)
    {
        OtpInstallation.Require();
        int rounds = FromEnvironment("CLOUDSCALE_CLUSTER_ROUNDS") ?? 4; // one of each kind
        int seed = FromEnvironment("CLOUDSCALE_CLUSTER_SEED") ?? TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}, {rounds} rounds, {erlangNodes} Erlang nodes of {Hosts}");
        Random random = new(seed);
        _network = await Namespaces.MakeAsync(Hosts);
        int port = OtpInstallation.FreePort();
        _members =
        [
            .. Enumerable
                .Range(0, Hosts)
                .Select(i => new Member(Namespaces.AddressOf(i), i < erlangNodes ? Erlang(i) : null, port, _network.PrefixOf(i))),
        ];
        foreach (Member member in _members)
            await member.StartAsync();
        await AgreeAsync("the start");

        int[] troubles = [.. Enumerable.Range(0, rounds).Select(i => i % 4)];
        random.Shuffle(troubles);
        for (int round = 0; round < rounds; round++)
        {
            await GrowAsync(random);
            Trouble trouble = (Trouble)troubles[round];
            int victim = random.Next(Hosts);
            string what = $"round {round}: {trouble} {_members[victim].Name}";
            _story.Add(what);
            TestContext.Out.WriteLine(what);
            await MakeAsync(trouble, victim);
            await AgreeAsync(what);
        }
    }

    private async Task MakeAsync(Trouble trouble, int host)
    {
        Member victim = _members[host];
        switch (trouble)
        {
            case Trouble.Kill:
                await victim.KillAsync();
                await victim.StartAsync();
                break;
            case Trouble.Stop:
                await victim.SignalAsync("-STOP");
                await Task.Delay(s_stopped); // real time: real nodes have to give it up
                await victim.SignalAsync("-CONT");
                break;
            case Trouble.Part:
                await _network!.PullAsync(host);
                await Task.Delay(s_parted);
                // Both sides give the same name now, and one of the two has to yield.
                string name = $"leader{_names++.ToString(CultureInfo.InvariantCulture)}";
                await Task.WhenAll(
                    _members.Where(member => member != _members[(host + 1) % Hosts]).Select(member => member.DoAsync($"register {name}"))
                );
                await _network.PlugAsync(host);
                break;
            default:
                break;
        }
    }

    private async Task GrowAsync(Random random)
    {
        Member joining = _members[random.Next(Hosts)];
        Assert.That(await joining.DoAsync("join group"), Is.EqualTo("ok"));
        joining.Joined++;
        Member naming = _members[random.Next(Hosts)];
        Assert.That(await naming.DoAsync($"register name{_names++.ToString(CultureInfo.InvariantCulture)}"), Is.EqualTo("yes"), Story());
    }

    /// <summary>All connect again, as applications do, until all say the same.</summary>
    private async Task AgreeAsync(string after)
    {
        string members = string.Join(
            ',',
            _members.SelectMany(member => Enumerable.Repeat(member.Name, member.Joined)).Order(StringComparer.Ordinal)
        );
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            foreach (Member one in _members)
            foreach (Member other in _members)
                if (one != other)
                    await one.DoAsync($"connect {other.Name}");
            string[] views = await Task.WhenAll(_members.Select(ViewAsync));
            string[] groups = await Task.WhenAll(_members.Select(member => member.DoAsync("members group")));
            string[] nodes = await Task.WhenAll(_members.Select(member => member.DoAsync("nodes")));
            bool isFull = nodes.All(seen => seen.Split(',', StringSplitOptions.RemoveEmptyEntries).Length == Hosts - 1);
            if (isFull && views.Distinct().Count() == 1 && groups.All(seen => seen == members))
                return;
            if (Stopwatch.GetElapsedTime(start) > s_patience)
                Assert.Fail(
                    $"No agreement after {after}.\nnodes: {string.Join(" | ", nodes)}\nglobal:\n{string.Join('\n', views)}\ngroup, {members} expected:\n"
                        + $"{string.Join('\n', groups)}\n{Story()}\n{string.Join('\n', _members.Select(member => $"--- {member.Name}\n{member.Output}"))}"
                );
            await Task.Delay(200);
        }
    }

    /// <summary>The global names and where each is, as a node has them.</summary>
    private static async Task<string> ViewAsync(Member member)
    {
        string names = await member.DoAsync("names");
        List<string> view = [];
        foreach (string name in names.Split(',', StringSplitOptions.RemoveEmptyEntries))
            view.Add($"{name}={await member.DoAsync($"whereis {name}")}");
        return string.Join(' ', view);
    }

    private string Story() => string.Join('\n', _story);

    private static int? FromEnvironment(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : null;
}
