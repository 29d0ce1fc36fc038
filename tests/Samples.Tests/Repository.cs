namespace CloudScale.Samples.Tests;

/// <summary>The source tree these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The program of a sample, built as this test was.</summary>
    public static string ProgramOf(string sample)
    {
        string[] built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^2..];
        return Path.Combine(Root, "runtime", "samples", sample, "bin", built[0], built[1], $"CloudScale.Samples.{sample}.dll");
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CloudScale.Runtime.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"no CloudScale.Runtime.sln above {AppContext.BaseDirectory}");
    }
}
