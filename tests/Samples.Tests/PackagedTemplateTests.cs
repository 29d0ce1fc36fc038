using System.IO.Compression;
using System.Xml.Linq;

namespace CloudScale.Samples.Tests;

/// <summary>
/// The ten minutes of runtime/templates/README.md, with its commands: packages in a folder, templates from their package, a program in an empty folder that is restored from there, built, run, and called from Erlang and Elixir.
/// </summary>
[Category("OtpNode")]
public sealed class PackagedTemplateTests
{
    private static readonly string[] s_products = ["serialization", "scheduler", "interop", "runtime"];

    private static string Version =>
        XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    private static Task PackAsync(Newcomer newcomer, string project) =>
        newcomer.DotnetAsync(
            "pack",
            Path.Combine(Repository.Root, project),
            "-c",
            "Release",
            "--no-build", // whoever built this test has built them
            "--nologo",
            "-v",
            "quiet",
            "-o",
            Path.Combine(newcomer.Folder, "feed")
        );

    /// <summary>The short form: the package of templates gives programs that ask for the packages of this version.</summary>
    [Test]
    public async Task Templates_FromTheirPackage_AskForThisVersion()
    {
        using Newcomer newcomer = new();
        await PackAsync(newcomer, "runtime/templates");
        string package = Path.Combine(newcomer.Folder, "feed", $"CloudScale.Templates.{Version}.nupkg");
        await using (ZipArchive archive = await ZipFile.OpenReadAsync(package))
            Assert.That(archive.Entries.Select(entry => entry.FullName), Has.None.Contains("/bin/").And.None.Contains("/obj/"));
        await newcomer.NewAsync("install", package);
        foreach (string kind in (string[])["console", "web"])
        {
            await newcomer.NewAsync($"cloudscale-{kind}", "-n", $"My{kind}", "--node", "shop@10.0.0.7");
            string folder = Path.Combine(newcomer.Folder, $"My{kind}");
            XDocument project = XDocument.Load(Path.Combine(folder, $"My{kind}.csproj"));
            Assert.That(project.Descendants("CloudScaleSource").Single().Value, Is.Empty);
            XElement reference = project.Descendants("PackageReference").Single();
            Assert.That(
                (reference.Attribute("Include")!.Value, reference.Attribute("Version")!.Value),
                Is.EqualTo(("CloudScale.Runtime", Version)),
                "the template's package names the version that is built here"
            );
            Assert.That(await File.ReadAllTextAsync(Path.Combine(folder, "appsettings.json")), Does.Contain("shop@10.0.0.7"));
            Assert.That(await File.ReadAllTextAsync(Path.Combine(folder, "Program.cs")), Does.Contain($"using My{kind};"));
        }
    }

    /// <summary>The whole path. Packages that are not ours come from those that this repository was restored with; nothing is fetched.</summary>
    [TestCase("console")]
    [TestCase("web", Explicit = true, Reason = "Another minute for what is little different: by hand, and before a release.")]
    public async Task TenMinutes_FromPackagesToACallFromIex(string kind)
    {
        using Newcomer newcomer = new();
        string cache =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        newcomer.Environment["NUGET_PACKAGES"] = Path.Combine(newcomer.Folder, "packages"); // ours of an earlier run must not count
        await File.WriteAllTextAsync(
            Path.Combine(newcomer.Folder, "nuget.config"),
            $"""
            <configuration>
              <packageSources><clear /><add key="folder" value="feed" /></packageSources>
              <fallbackPackageFolders><clear /><add key="cache" value="{cache}" /></fallbackPackageFolders>
            </configuration>
            """
        );
        foreach (string product in s_products)
            await PackAsync(newcomer, product);
        await PackAsync(newcomer, "runtime/templates");

        string project = Path.Combine(newcomer.Folder, "First");
        string node = $"first-{kind}@127.0.0.1";
        await newcomer.NewAsync("install", Path.Combine(newcomer.Folder, "feed", $"CloudScale.Templates.{Version}.nupkg"));
        await newcomer.NewAsync($"cloudscale-{kind}", "-n", "First", "--node", node, "--cookie", Newcomer.Cookie);
        await newcomer.DotnetAsync("build", project, "-c", "Release", "--nologo", "-v", "quiet");
        await newcomer.TryAsync(project, kind, node, withElixir: true);
    }
}
