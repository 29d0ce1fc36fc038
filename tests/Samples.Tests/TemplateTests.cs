namespace CloudScale.Samples.Tests;

/// <summary>Templates beside the source: one becomes a program that builds, runs and answers Erlang.</summary>
[Category("OtpNode")]
public sealed class TemplateTests
{
    [TestCase("console")]
    [TestCase("web")]
    public async Task Template_BecomesAProgram_ThatErlangCalls(string kind)
    {
        using Newcomer newcomer = new();
        string project = Path.Combine(newcomer.Folder, "First");
        string node = $"newcomer-{kind}@127.0.0.1";
        await newcomer.NewAsync("install", Path.Combine(Repository.Root, "runtime", "templates", "content", kind));
        await newcomer.NewAsync(
            $"cloudscale-{kind}",
            "-n",
            "First",
            "--node",
            node,
            "--cookie",
            Newcomer.Cookie,
            "--source",
            Repository.Root
        );
        // The references are built already, by whoever built this test.
        await newcomer.DotnetAsync(
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
        await newcomer.TryAsync(project, kind, node, withElixir: false);
    }
}
