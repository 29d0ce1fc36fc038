using System.Security.Cryptography;

namespace CloudScale.Tool;

/// <summary>The cookie of this user: the file that Erlang nodes read, too.</summary>
internal static class Cookies
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const int Length = 20; // as OTP makes them

    /// <summary>The file that OTP looks at, of this user.</summary>
    public static string DefaultPath =>
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
            ".erlang.cookie"
        );

    /// <summary>The cookie in a file.</summary>
    /// <exception cref="ToolException">There is none.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } cookie ? cookie : throw new ToolException($"{path} is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(
                $"No cookie: {exception.Message} Give one with --cookie, or make one with 'cloudscale cookie --create'."
            );
        }
    }

    /// <summary>Makes a random one, in a file that only its owner may read: OTP refuses any other.</summary>
    /// <exception cref="ToolException">The file is there already, or cannot be written.</exception>
    public static string Create(string path)
    {
        string cookie = RandomNumberGenerator.GetString(Letters, Length);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead;
        try
        {
            using StreamWriter file = new(path, options);
            file.Write(cookie);
            return cookie;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(File.Exists(path) ? $"{path} is there already; it is not replaced." : exception.Message);
        }
    }
}
