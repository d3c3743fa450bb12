using System.Text.Json;
using Sampan.Storage.Distribution;
using Sampan.Storage.Registry;

namespace Sampand.Registry;

internal sealed partial class RegistryConfigurationFile
{
    private const int PasswordMaxBytes = 4096;

    private List<MirrorOptions> ReadMirrors(JsonElement list)
    {
        var mirrors = new List<MirrorOptions>();
        if (list.ValueKind != JsonValueKind.Array)
            return Wrong("mirrors", "a list of objects", mirrors);
        foreach (var element in list.EnumerateArray())
        {
            if (ReadMirror(element, $"mirrors[{mirrors.Count}]") is { } mirror)
                mirrors.Add(mirror);
        }
        foreach (var twice in mirrors.GroupBy(mirror => mirror.Prefix, StringComparer.Ordinal).Where(group => group.Count() > 1))
            _problems.Add($"two mirrors have the prefix '{twice.Key}'");
        return mirrors;
    }

    private MirrorOptions? ReadMirror(JsonElement element, string name)
    {
        string? prefix = null, user = null, password = null;
        Uri? upstream = null;
        var mirror = new MirrorOptions { Prefix = "", Upstream = new Uri("http://localhost/") };
        foreach (var (key, value) in Members(element, name))
        {
            switch (key)
            {
                case "prefix":
                    prefix = Prefix(value, $"{name}.prefix");
                    break;
                case "upstream":
                    upstream = Upstream(value, $"{name}.upstream");
                    break;
                case "username":
                    user = Text(value, $"{name}.username");
                    break;
                case "password-file":
                    password = Password(Path(value, $"{name}.password-file"));
                    break;
                case "tag-life":
                    mirror = mirror with { TagLife = Span(value, $"{name}.tag-life") };
                    break;
                case "insecure":
                    mirror = mirror with { SkipVerify = Switch(value, $"{name}.insecure") };
                    break;
                default:
                    mirror = Unknown(mirror, $"{name}.{key}");
                    break;
            }
        }
        if (prefix is null || upstream is null)
            _problems.Add($"'{name}' needs a 'prefix' (\"\" for all names) and an 'upstream'");
        if ((user is null) != (password is null))
            _problems.Add($"'{name}' needs both 'username' and 'password-file', or neither");
        return prefix is null || upstream is null
            ? null
            : mirror with { Prefix = prefix, Upstream = upstream, Credentials = user is null ? null : new RegistryCredentials { Username = user, Password = password } };
    }

    private string Prefix(JsonElement value, string key)
    {
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && (text.Length == 0 || RepositoryName.TryParse(text, out _)))
            return text;
        return Wrong(key, "what names begin with, without a slash at its end", "");
    }

    private Uri? Upstream(JsonElement value, string key)
    {
        if (value.ValueKind == JsonValueKind.String && Uri.TryCreate(value.GetString(), UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0)
            return uri;
        return Wrong<Uri?>(key, "http[s]://HOST[:PORT][/PATH] without user, query and fragment", null);
    }

    private string? Password(string path)
    {
        try
        {
            if (path.Length > 0 && new FileInfo(path).Length <= PasswordMaxBytes)
                return File.ReadAllText(path).TrimEnd('\r', '\n');
            _problems.Add($"the password file '{path}' is larger than {PasswordMaxBytes} bytes");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"cannot read the password file '{path}': {unreadable.Message.TrimEnd('.')}");
        }
        return null;
    }
}
