namespace CloudScale.Runtime.Tests;

/// <summary>Process groups that a real Erlang node and ours share.</summary>
public sealed partial class ErlangPeerTests
{
    [Test]
    public async Task Groups_OfBothNodes_AreOne()
    {
        await _erlang.EvalAsync("case pg:start(pg) of {ok, _} -> ok; {error, {already_started, _}} -> ok end");
        Assert.That(await _node.ConnectAsync("peer@127.0.0.1"));
        Pid ours = _node.Spawn(async self => await self.Receive<Atom>());
        await _node.Groups.JoinAsync(Atom.Of("mixed"), ours);
        await Eventually.TrueAsync(
            async () => await _erlang.EvalAsync($"[node(P) || P <- pg:get_members(mixed)] =:= [{_here}]") == "true",
            "Erlang sees our member"
        );

        await _erlang.EvalAsync(
            "register(group_member, spawn(fun() -> receive stop -> ok end end)), pg:join(mixed, whereis(group_member))"
        );
        await Eventually.TrueAsync(() => _node.Groups.Members(Atom.Of("mixed")).Count == 2, "we see theirs");
        Assert.That(_node.Groups.LocalMembers(Atom.Of("mixed")), Is.EqualTo(new[] { ours }));

        await _erlang.EvalAsync("pg:join(mixed, whereis(group_member))");
        await Eventually.TrueAsync(() => _node.Groups.Members(Atom.Of("mixed")).Count == 3, "it may be in twice");
        await _erlang.EvalAsync("group_member ! stop");
        await Eventually.TrueAsync(() => _node.Groups.Members(Atom.Of("mixed")).SequenceEqual([ours]), "its death takes both out");

        Assert.That(await _erlang.EvalAsync("erlang:disconnect_node('ours@127.0.0.1')"), Is.EqualTo("true"));
        await Eventually.TrueAsync(async () => await _erlang.EvalAsync("pg:get_members(mixed)") == "[]", "without us our member is gone");
        Assert.That(await _erlang.EvalAsync("net_adm:ping('ours@127.0.0.1')"), Is.EqualTo("pong"));
        await Eventually.TrueAsync(async () => await _erlang.EvalAsync("length(pg:get_members(mixed))") == "1", "and with us it is back");

        _node.Send(ours, Atom.Of("stop"));
        await Eventually.TrueAsync(async () => await _erlang.EvalAsync("pg:get_members(mixed)") == "[]", "the death of ours is told");
    }

    [Test]
    public async Task Groups_MonitoredByErlang_TellOfOurJoins()
    {
        await _erlang.EvalAsync("case pg:start(pg) of {ok, _} -> ok; {error, {already_started, _}} -> ok end");
        Assert.That(await _node.ConnectAsync("peer@127.0.0.1"));
        Assert.That(
            await _erlang.EvalAsync(
                "(fun() -> Me = self(), register(group_watcher, spawn(fun() -> {R, []} = pg:monitor(watched), Me ! watching, "
                    + "receive {R, join, watched, [P]} -> receive {R, leave, watched, [P]} -> "
                    + "receive {ask, From} -> From ! {seen, node(P)} end end end end)), receive watching -> ok end end)()"
            ),
            Is.EqualTo("ok")
        );
        Pid ours = _node.Spawn(async self => await self.Receive<Atom>());
        await _node.Groups.JoinAsync(Atom.Of("watched"), ours);
        await _node.Groups.LeaveAsync(Atom.Of("watched"), ours);
        Assert.That(
            await _erlang.EvalAsync("(fun() -> group_watcher ! {ask, self()}, receive {seen, N} -> N after 10000 -> timeout end end)()"),
            Is.EqualTo("'ours@127.0.0.1'")
        );
    }
}
