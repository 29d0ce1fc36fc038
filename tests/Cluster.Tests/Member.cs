using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Cluster.Tests;

/// <summary>A node of the cluster in a process of its own, Erlang's or ours, that can be killed, stopped and started again under its name.</summary>
/// <param name="address">Where it lives.</param>
/// <param name="program">The <c>erl</c> that it is; null for one of ours.</param>
/// <param name="port">Its epmd's.</param>
/// <param name="prefix">The command that starts others there.</param>
internal sealed class Member(string address, string? program, int port, string[] prefix) : IAsyncDisposable
{
    public const int TickSeconds = 4;
    private const string Cookie = "cluster_tests_cookie";

    // The commands of ClusterMember, in Erlang.
    private const string Loop = """
        Waiting = fun() -> spawn(fun W() -> receive _ -> W() end end) end,
        Join = fun(L) -> lists:flatten(lists:join(",", lists:sort([lists:flatten(io_lib:format("~s", [X])) || X <- L]))) end,
        Do = fun("connect", [N]) -> atom_to_list(net_kernel:connect_node(list_to_atom(N)) =:= true);
                ("nodes", []) -> Join(nodes());
                ("join", [G]) -> atom_to_list(pg:join(list_to_atom(G), Waiting()));
                ("members", [G]) -> Join([node(P) || P <- pg:get_members(list_to_atom(G))]);
                ("register", [N]) -> atom_to_list(global:register_name(list_to_atom(N), Waiting()));
                ("whereis", [N]) -> case global:whereis_name(list_to_atom(N)) of undefined -> "undefined"; P -> atom_to_list(node(P)) end;
                ("names", []) -> Join(global:registered_names()) end,
        Read = fun R() -> case io:get_line("") of
          eof -> halt();
          Line -> [Id, C | As] = string:split(string:trim(Line), " ", all),
            spawn(fun() -> try io:format("@@~s ok ~s~n", [Id, Do(C, As)]) catch K:E -> io:format("@@~s failed ~0tp~n", [Id, {K, E}]) end end),
            R() end end,
        io:format("@@0 ok ready~n"), Read().
        """;

    private readonly ConcurrentDictionary<int, TaskCompletionSource<string>> _answers = [];
    private readonly ConcurrentQueue<string> _output = [];
    private Process? _process;
    private int _id;

    public string Address => address;

    public string Name { get; } = $"{(program is not null ? "erl" : "our")}{address.Split('.')[^1]}@{address}";

    /// <summary>How many processes of this life have joined the group.</summary>
    public int Joined { get; set; }

    public string Output => string.Join('\n', _output.TakeLast(40));

    public async Task StartAsync()
    {
        _answers.Clear();
        Joined = 0;
        string[] command = program is not null ? ErlangCommand(program) : OurCommand();
        string[] all = [.. prefix, .. command];
        _process = OtpInstallation.Start(all[0], port, all[1..]);
        _ = ReadAsync(_process.StandardOutput);
        _ = ReadAsync(_process.StandardError);
        Assert.That(await Answer(0).WaitAsync(Eventually.Patience), Is.EqualTo("ready"), Output);
    }

    /// <summary>What the node answers to a command.</summary>
    public async Task<string> DoAsync(string command)
    {
        int id = Interlocked.Increment(ref _id);
        Task<string> answer = Answer(id);
        try
        {
            await _process!.StandardInput.WriteLineAsync($"{id.ToString(CultureInfo.InvariantCulture)} {command}");
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException($"{Name} has ended by itself:\n{Output}", exception);
        }

        return await answer.WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>kill -STOP and kill -CONT; a program that "ip netns exec" starts takes its place, so the id is the node's.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = OtpInstallation.Start("kill", port, signal, _process!.Id.ToString(CultureInfo.InvariantCulture));
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private string[] ErlangCommand(string program) =>
        [
            program,
            "-noshell",
            "-name",
            Name,
            "-setcookie",
            Cookie,
            "-start_epmd",
            "false",
            "-erl_epmd_port",
            port.ToString(CultureInfo.InvariantCulture),
            "-kernel",
            "inet_dist_use_interface",
            $"{{{address.Replace('.', ',')}}}",
            "net_ticktime",
            TickSeconds.ToString(CultureInfo.InvariantCulture),
            "start_pg",
            "true",
            "-eval",
            Loop.ReplaceLineEndings(" "),
        ];

    private string[] OurCommand() =>
        [
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "CloudScale.ClusterMember.dll"),
            Name,
            Cookie,
            address,
            port.ToString(CultureInfo.InvariantCulture),
            TickSeconds.ToString(CultureInfo.InvariantCulture),
        ];

    private Task<string> Answer(int id) =>
        _answers.GetOrAdd(id, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (
                line.StartsWith("@@", StringComparison.Ordinal)
                && line[2..].Split(' ', 3) is [string id, string status, .. string[] value]
                && _answers.TryRemove(int.Parse(id, CultureInfo.InvariantCulture), out TaskCompletionSource<string>? answer)
            )
            {
                string text = value is [string some] ? some : "";
                if (status == "ok")
                    answer.TrySetResult(text);
                else
                    answer.TrySetException(new InvalidOperationException($"{Name}: {text}"));
            }
            else
            {
                _output.Enqueue(line);
            }
        }
    }
}
