namespace CloudScale.Architecture.Tests;

/// <summary>The source tree the tests were built from.</summary>
internal static class Repository
{
    private const string Solution = "CloudScale.Runtime.sln";
    private static readonly string[] s_outputFolders = ["bin", "obj", "artifacts"];

    /// <summary>The folders whose content is the product.</summary>
    public static IReadOnlyList<string> ProductFolders { get; } =
    ["serialization", "scheduler", "interop", "runtime", "native", "tests/Testing"];

    /// <summary>The names of the product assemblies; each has its project at the top of its folder.</summary>
    public static IReadOnlyList<string> ProductAssemblies { get; } =
    ["CloudScale.Serialization", "CloudScale.Scheduler", "CloudScale.Interop", "CloudScale.Runtime", "CloudScale.Testing"];

    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The path below the root, with forward slashes: how failures name a file.</summary>
    public static string Name(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>Every file below a folder that somebody wrote: no build output, nothing hidden.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        string path = PathOf(folder);
        return Directory.Exists(path) ? FilesBelow(path, pattern) : [];
    }

    private static IEnumerable<string> FilesBelow(string path, string pattern)
    {
        foreach (string file in Directory.EnumerateFiles(path, pattern))
            yield return file;
        foreach (string folder in Directory.EnumerateDirectories(path))
        {
            string name = Path.GetFileName(folder);
            if (name.StartsWith('.') || s_outputFolders.Contains(name))
                continue;
            foreach (string file in FilesBelow(folder, pattern))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return folder.FullName;
        throw new InvalidOperationException(
            $"no {Solution} above {AppContext.BaseDirectory}: these tests read the sources they were built from"
        );
    }
}
