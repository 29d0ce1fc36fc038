using System.Globalization;

namespace CloudScale.Fuzz.Running;

/// <summary>An input worth keeping: why, for which target, and its bytes.</summary>
/// <remarks>
/// Lines: <c># why</c>, <c>target NAME</c>, <c>seed RUN THREAD INDEX</c> of the run that found it, if one did, <c>hex BYTES</c>, and <c>repeat COUNT BYTES</c> for what is too long to
/// write out. Bytes add up in the order of their lines.
/// </remarks>
internal sealed record SeedFile(string Name, string Target, byte[] Input)
{
    public static IEnumerable<SeedFile> ReadAll(string directory) =>
        Directory.EnumerateFiles(directory, "*.txt").Order(StringComparer.Ordinal).Select(Read);

    public static SeedFile Read(string path)
    {
        string target = "";
        using MemoryStream input = new();
        foreach (string line in File.ReadLines(path))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["target", string name]:
                    target = name;
                    break;
                case ["hex", .. string[] bytes]:
                    input.Write(Convert.FromHexString(string.Concat(bytes)));
                    break;
                case ["repeat", string count, .. string[] bytes]:
                    byte[] repeated = Convert.FromHexString(string.Concat(bytes));
                    for (int i = int.Parse(count, CultureInfo.InvariantCulture); i > 0; i--)
                        input.Write(repeated);
                    break;
                case [] or ["seed", ..]:
                    break;
                case [string first, ..] when first.StartsWith('#'):
                    break;
                default:
                    throw new InvalidDataException($"{path}: what is '{line}'?");
            }
        }

        return new SeedFile(Path.GetFileNameWithoutExtension(path), target, input.ToArray());
    }
}
