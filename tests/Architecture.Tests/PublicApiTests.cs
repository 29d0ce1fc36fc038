using System.Reflection;

namespace CloudScale.Architecture.Tests;

/// <summary>The public surface of each product assembly is a checked-in file, so that a change of the API is a diff somebody reads.</summary>
[TestFixture, Category("PublicApi")]
internal sealed class PublicApiTests
{
    private const string AcceptVariable = "CLOUDSCALE_ACCEPT_API";

    [TestCaseSource(typeof(Repository), nameof(Repository.ProductAssemblies))]
    public void Assembly_PublicSurface_IsTheAcceptedOne(string name)
    {
        string[] actual = ApiPrinter.Print(Assembly.Load(name));
        string acceptedPath = Repository.PathOf("tests", "Architecture.Tests", "PublicApi", name + ".txt");
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            Write(acceptedPath, actual);
            return;
        }

        string[] accepted = File.Exists(acceptedPath) ? File.ReadAllLines(acceptedPath) : [];
        if (actual.SequenceEqual(accepted))
            return;

        string actualPath = Repository.PathOf("artifacts", "api", name + ".txt");
        Write(actualPath, actual);
        IEnumerable<string> changes = accepted
            .Except(actual)
            .Select(line => "- " + line)
            .Concat(actual.Except(accepted).Select(line => "+ " + line));
        Assert.Fail(
            $"""
            The public surface of {name} has changed:
            {string.Join('\n', changes.Take(60))}
            The whole of it is in {Repository.Name(actualPath)}. If it is meant: ./build.sh acceptapi, and commit {Repository.Name(
                acceptedPath
            )}.
            """
        );
    }

    private static void Write(string path, string[] lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // As .gitattributes has it: line feeds on every system.
        File.WriteAllText(path, string.Concat(lines.Select(line => line + "\n")));
    }
}
