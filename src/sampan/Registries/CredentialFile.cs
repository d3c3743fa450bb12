using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sampan.DockerApi.Engines;
using Sampan.Linux.Io;

namespace Sampan.Cli.Registries;

/// <summary>
/// The credentials in docker's config.json: <c>auths</c>, or what <c>credsStore</c> and <c>credHelpers</c> name. Everything else in the
/// file stays as it is.
/// </summary>
internal sealed class CredentialFile
{
    private const string TokenUser = "<token>";

    private readonly string _path;
    private readonly JsonObject _root;

    private CredentialFile(string path, JsonObject root) => (_path, _root) = (path, root);

    public string Path => _path;

    /// <summary>Opens the file in the directory; none is like an empty one.</summary>
    public static CredentialFile Open(string directory)
    {
        string path = System.IO.Path.Combine(directory, "config.json");
        if (!File.Exists(path)) return new CredentialFile(path, []);
        try
        {
            return new CredentialFile(path, JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new JsonException("it is no JSON object"));
        }
        catch (JsonException e)
        {
            throw new Commands.CommandException($"cannot read '{path}': {e.Message}");
        }
    }

    /// <summary>The credentials of a registry; null: there are none.</summary>
    public AuthConfig? Find(string registry)
    {
        string key = RegistryName.Key(registry);
        if (Helper(key) is { } helper) return helper.Get(key);
        var auths = _root["auths"] as JsonObject;
        // Old files have URLs where new ones have hosts.
        var entry = auths?.FirstOrDefault(a => a.Key == key).Value ?? auths?.FirstOrDefault(a => RegistryName.Key(a.Key) == key).Value;
        return entry is JsonObject found ? Read(found, key) : null;
    }

    /// <summary>Every registry that there are credentials of, as keys.</summary>
    public IReadOnlyList<string> Registries() =>
    [
        .. ((_root["auths"] as JsonObject)?.Select(a => a.Key) ?? []).Concat((_root["credHelpers"] as JsonObject)?.Select(h => h.Key) ?? []).Select(RegistryName.Key).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Keeps credentials; null: in the file itself, else the name of the helper that has them.</summary>
    public string? Store(string registry, AuthConfig auth)
    {
        string key = RegistryName.Key(registry);
        bool isToken = auth.IdentityToken is { Length: > 0 };
        if (Helper(key) is { } helper)
        {
            helper.Store(key, isToken ? TokenUser : auth.Username ?? "", (isToken ? auth.IdentityToken : auth.Password) ?? "");
            Auths()[key] = new JsonObject();
            Save();
            return helper.Name;
        }
        var entry = new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{auth.Username}:{(isToken ? "" : auth.Password)}")) };
        if (isToken) entry["identitytoken"] = auth.IdentityToken;
        Auths()[key] = entry;
        Save();
        return null;
    }

    /// <summary>Forgets a registry's credentials; false: there were none.</summary>
    public bool Erase(string registry)
    {
        string key = RegistryName.Key(registry);
        bool erased = Helper(key)?.Erase(key) ?? false;
        if (_root["auths"] is not JsonObject auths) return erased;
        foreach (string name in auths.Select(a => a.Key).Where(name => RegistryName.Key(name) == key).ToList())
        {
            auths.Remove(name);
            erased = true;
        }
        if (erased) Save();
        return erased;
    }

    private CredentialHelper? Helper(string key)
    {
        string? name = (_root["credHelpers"] as JsonObject)?[RegistryName.Host(key)] is JsonValue own ? Text(own) : _root["credsStore"] is JsonValue all ? Text(all) : null;
        return string.IsNullOrEmpty(name) ? null : new CredentialHelper(name);
    }

    private JsonObject Auths()
    {
        if (_root["auths"] is JsonObject auths) return auths;
        var made = new JsonObject();
        _root["auths"] = made;
        return made;
    }

    private AuthConfig? Read(JsonObject entry, string key)
    {
        string? token = entry["identitytoken"] is JsonValue t ? Text(t) : null;
        (string user, string password) = ("", "");
        if (entry["auth"] is JsonValue packed && Text(packed) is { Length: > 0 } auth)
        {
            try
            {
                string pair = Encoding.UTF8.GetString(Convert.FromBase64String(auth));
                int colon = pair.IndexOf(':');
                if (colon < 0) throw new FormatException("it has no colon");
                (user, password) = (pair[..colon], pair[(colon + 1)..].Trim('\0'));
            }
            catch (FormatException e)
            {
                throw new Commands.CommandException($"invalid auth of '{key}' in '{_path}': {e.Message}");
            }
        }
        else if (entry["username"] is JsonValue u && entry["password"] is JsonValue p)
        {
            (user, password) = (Text(u) ?? "", Text(p) ?? "");
        }
        if (user.Length == 0 && string.IsNullOrEmpty(token)) return null;
        return new AuthConfig { Username = user, Password = password, IdentityToken = token, ServerAddress = key };
    }

    private static string? Text(JsonValue value) => value.TryGetValue(out string? text) ? text : null;

    private void Save()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_path) ?? "/", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // Where the file is a link, as with dotfiles kept elsewhere, what it points to is replaced.
        string target = new FileInfo(_path).LinkTarget is null ? _path : File.ResolveLinkTarget(_path, returnFinalTarget: true)?.FullName ?? _path;
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, IndentCharacter = '\t', IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            _root.WriteTo(writer);
        var mode = File.Exists(target) ? File.GetUnixFileMode(target) & ~(UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite) : UnixFileMode.UserRead | UnixFileMode.UserWrite;
        AtomicFile.Write(target, text.ToArray(), mode);
    }
}
