using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Testing;

/// <summary>A real Erlang node as a child process that evaluates expressions, all in one process of its own, so <c>self()</c>, bindings and inbox last.</summary>
/// <remarks>It ends with its standard input, so it does not outlive a test run that dies.</remarks>
public sealed class ErlangNode : IAsyncDisposable
{
    private const string Loop = """
        spawn(fun() ->
          L = fun L(B) -> case io:get_line("") of
            eof -> halt();
            Line ->
              [Id, Code] = string:split(string:trim(Line), " "),
              B2 = try
                {ok, Ts, _} = erl_scan:string(Code), {ok, Es} = erl_parse:parse_exprs(Ts),
                {value, V, B1} = erl_eval:exprs(Es, B), io:format("@@~s ok ~0tp~n", [Id, V]), B1
              catch C:R -> io:format("@@~s failed ~0tp~n", [Id, {C, R}]), B end,
              L(B2)
            end end,
          register(test, self()), io:format("@@0 ok ready~n"), L(erl_eval:new_bindings()) end).
        """;

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<string>> _answers = [];
    private readonly ConcurrentQueue<string> _output = [];
    private int _id;

    private ErlangNode(Process process, string name)
    {
        _process = process;
        Name = name;
        _ = ReadAsync(process.StandardOutput);
        _ = ReadAsync(process.StandardError);
    }

    /// <summary>Full node name.</summary>
    public string Name { get; }

    public int ProcessId => _process.Id;

    /// <summary>Everything else it printed: log lines above all.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a node and waits until it evaluates. Without an Erlang on the machine the test is skipped.</summary>
    public static async Task<ErlangNode> StartAsync(string name, string cookie, int epmdPort, params string[] arguments)
    {
        OtpInstallation.Require();
        Process process = OtpInstallation.Start(
            "erl",
            epmdPort,
            [
                "-noshell",
                name.Contains('.', StringComparison.Ordinal) ? "-name" : "-sname",
                name,
                "-setcookie",
                cookie,
                "-start_epmd",
                "false",
                .. arguments,
                "-eval",
                Loop.ReplaceLineEndings(" "),
            ]
        );
        ErlangNode node = new(process, name);
        Task<string> ready = node.Answer(0);
        Task first = await Task.WhenAny(ready, process.WaitForExitAsync(), Task.Delay(Eventually.Patience));
        if (first != ready)
        {
            await node.DisposeAsync();
            Assert.Fail($"erl did not start: {node.Output}");
        }

        return node;
    }

    /// <summary>Evaluates expressions (no dot at the end) and returns the value as Erlang prints it.</summary>
    /// <exception cref="InvalidOperationException">The evaluation failed.</exception>
    public async Task<string> EvalAsync(string expressions)
    {
        int id = Interlocked.Increment(ref _id);
        Task<string> answer = Answer(id);
        await _process.StandardInput.WriteLineAsync($"{id.ToString(CultureInfo.InvariantCulture)} {expressions.ReplaceLineEndings(" ")}.");
        await _process.StandardInput.FlushAsync();
        return await answer.WaitAsync(Eventually.Patience);
    }

    /// <summary>Waits until no process of the node has anything to do.</summary>
    /// <remarks>
    /// A node that comes is told to Erlang's <c>rex</c> and <c>global</c> by messages, and each writes to it. Cut off before they have,
    /// it is connected anew by what they write: between two Erlang nodes, too.
    /// </remarks>
    public Task IdleAsync() =>
        Eventually.TrueAsync(
            async () =>
                await EvalAsync("[P || P <- processes() -- [self()], {status, S} <- [process_info(P, status)], S =/= waiting] =:= []")
                == "true",
            $"{Name} has nothing to do"
        );

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private Task<string> Answer(int id) =>
        _answers.GetOrAdd(id, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is string line)
        {
            if (
                line.Split(' ', 3) is [['@', '@', .. string id], string status, string value]
                && _answers.TryRemove(int.Parse(id, CultureInfo.InvariantCulture), out TaskCompletionSource<string>? answer)
            )
            {
                if (status == "ok")
                    answer.TrySetResult(value);
                else
                    answer.TrySetException(new InvalidOperationException($"{Name}: {value}"));
            }
            else
            {
                _output.Enqueue(line);
            }
        }

        foreach (TaskCompletionSource<string> answer in _answers.Values)
            answer.TrySetException(new InvalidOperationException($"{Name} has ended: {Output}"));
    }
}
