using System.Diagnostics;

namespace CloudScale.Samples.Tests;

/// <summary>Somebody who begins: an empty folder, the dotnet command, a program that is started and called.</summary>
internal sealed class Newcomer : IDisposable
{
    public const string Cookie = "of-the-test";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    /// <summary>Outside of the repository, so that nothing of it holds for what is made there.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("cloudscale-template-").FullName;

    /// <summary>What every command of this newcomer finds in its environment.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Runs dotnet in the folder; templates are those of the folder, too.</summary>
    public async Task DotnetAsync(params string[] arguments)
    {
        Stopwatch elapsed = Stopwatch.StartNew();
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = Folder };
        string output = await RunAsync(start, input: null);
        TestContext.Out.WriteLine($"{elapsed.Elapsed.TotalSeconds, 5:F1} s  dotnet {string.Join(' ', arguments)}");
        Assert.That(output, Does.EndWith("exit 0"), $"dotnet {string.Join(' ', arguments)}");
    }

    /// <summary>Runs dotnet new, with templates that are kept in the folder.</summary>
    public Task NewAsync(params string[] arguments) =>
        DotnetAsync(["new", .. arguments, "--debug:custom-hive", Path.Combine(Folder, "hive")]);

    /// <summary>Starts the program that was built, calls it from Erlang, and from Elixir if asked to, and ends it.</summary>
    public async Task TryAsync(string project, string kind, string node, bool withElixir)
    {
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        int port = OtpInstallation.FreePort();
        ProcessStartInfo start = new(
            "dotnet",
            [Path.Combine(project, "bin", "Release", "net10.0", "First.dll"), "--urls", $"http://127.0.0.1:{port}"]
        )
        {
            WorkingDirectory = project,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ERL_EPMD_PORT"] = $"{epmd.Port}";
        using Process program = Process.Start(start)!;
        Task<string> output = program.StandardOutput.ReadToEndAsync();
        Task<string> errors = program.StandardError.ReadToEndAsync();
        try
        {
            await using ErlangNode erlang = await ErlangNode.StartAsync("caller@127.0.0.1", Cookie, epmd.Port);
            await Eventually.TrueAsync(
                async () => program.HasExited || await erlang.EvalAsync($"net_adm:ping('{node}')") == "pong",
                "the program runs"
            );
            Assert.That(program.HasExited, Is.False, () => $"{output.Result}{errors.Result}");
            Assert.That(await erlang.EvalAsync($"gen_server:call({{counter, '{node}'}}, {{add, 2}})"), Is.EqualTo("2"));
            Assert.That(await erlang.EvalAsync($"erpc:call('{node}', greetings, hello, [<<\"Joe\">>])"), Is.EqualTo("<<\"Hello, Joe!\">>"));
            if (withElixir)
                await AskWithIexAsync(node, epmd.Port);
            if (kind == "web")
            {
                using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
                using HttpResponseMessage added = await http.PostAsync("/counter/40", null);
                Assert.That(await added.Content.ReadAsStringAsync(), Is.EqualTo("42"));
                Assert.That(await http.GetStringAsync("/health"), Is.EqualTo("Healthy"));
            }
        }
        finally
        {
            program.Kill();
        }
    }

    /// <summary>The lines of the newcomer's page, typed into iex.</summary>
    private async Task AskWithIexAsync(string node, int epmdPort)
    {
        if (OtpInstallation.Find("iex") is not { } iex)
        {
            TestContext.Out.WriteLine("No Elixir on the path: iex was not tried.");
            return;
        }

        ProcessStartInfo start = new(iex, ["--name", "me@127.0.0.1", "--cookie", Cookie]);
        start.Environment["ERL_EPMD_PORT"] = $"{epmdPort}";
        string answer = await RunAsync(
            start,
            $"""
            GenServer.call({"{"}:counter, :"{node}"{"}"}, :get)
            :erpc.call(:"{node}", :greetings, :hello, ["Joe"])
            System.halt()

            """
        );
        Assert.That(answer, Does.Contain("2").And.Contain("\"Hello, Joe!\""));
    }

    private async Task<string> RunAsync(ProcessStartInfo start, string? input)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach ((string name, string value) in Environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(s_patience);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        return $"{await output}{await errors}exit {process.ExitCode}";
    }
}
