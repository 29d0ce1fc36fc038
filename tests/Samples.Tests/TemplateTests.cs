using System.Diagnostics;

namespace CloudScale.Samples.Tests;

/// <summary>The newcomer's path: a template becomes a program that builds, runs and answers Erlang.</summary>
[Category("OtpNode")]
public sealed class TemplateTests
{
    private static readonly TimeSpan s_buildPatience = TimeSpan.FromMinutes(4);
    private string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("cloudscale-template-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>Runs dotnet, with templates kept in a folder of the test.</summary>
    private async Task DotnetAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(s_buildPatience);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        Assert.That(process.ExitCode, Is.Zero, $"dotnet {string.Join(' ', arguments)}: {await output}{await errors}");
    }

    [TestCase("console")]
    [TestCase("web")]
    public async Task Template_BecomesAProgram_ThatErlangCalls(string kind)
    {
        string hive = Path.Combine(_folder, "hive");
        string project = Path.Combine(_folder, "Newcomer");
        string node = $"newcomer-{kind}@127.0.0.1";
        await DotnetAsync(
            "new",
            "install",
            Path.Combine(Repository.Root, "runtime", "templates", "content", kind),
            "--debug:custom-hive",
            hive
        );
        await DotnetAsync([
            "new",
            $"cloudscale-{kind}",
            "-n",
            "Newcomer",
            "-o",
            project,
            "--node",
            node,
            "--cookie",
            "of-the-test",
            "--source",
            Repository.Root,
            "--debug:custom-hive",
            hive,
        ]);
        // The references are built already, by whoever built this test.
        await DotnetAsync(
            "build",
            project,
            "-c",
            "Release",
            "--nologo",
            "-v",
            "quiet",
            "-p:BuildProjectReferences=false",
            "-p:RunAnalyzers=false"
        );

        await using RealEpmd epmd = await RealEpmd.StartAsync();
        int port = OtpInstallation.FreePort();
        ProcessStartInfo start = new(
            "dotnet",
            [Path.Combine(project, "bin", "Release", "net10.0", "Newcomer.dll"), "--urls", $"http://127.0.0.1:{port}"]
        )
        {
            WorkingDirectory = project,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ERL_EPMD_PORT"] = $"{epmd.Port}";
        using Process program = Process.Start(start)!;
        _ = program.StandardOutput.ReadToEndAsync();
        Task<string> errors = program.StandardError.ReadToEndAsync();
        try
        {
            await using ErlangNode erlang = await ErlangNode.StartAsync("caller@127.0.0.1", "of-the-test", epmd.Port);
            await Eventually.TrueAsync(async () => await erlang.EvalAsync($"net_adm:ping('{node}')") == "pong", "the program runs");
            Assert.That(await erlang.EvalAsync($"gen_server:call({{counter, '{node}'}}, {{add, 2}})"), Is.EqualTo("2"));
            Assert.That(await erlang.EvalAsync($"erpc:call('{node}', greetings, hello, [<<\"Joe\">>])"), Is.EqualTo("<<\"Hello, Joe!\">>"));
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
}
