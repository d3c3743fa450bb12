using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Sampan.Server.Registry;

/// <summary>
/// The registry's users, from a file as <c>htpasswd -B</c> writes it; read again when it changes. Thread-safe.
/// </summary>
internal sealed class RegistryUsers
{
    private const long FileMaxBytes = 1024 * 1024;
    private const string Scheme = "Basic ";

    private readonly WatchedFile _file;
    private readonly RegistryLog _log;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly SemaphoreSlim _hashing = new(Environment.ProcessorCount);
    private volatile Known _known;

    private RegistryUsers(WatchedFile file, string realm, RegistryLog log)
    {
        (_file, Realm, _log) = (file, realm.Replace('"', '\''), log);
        _known = new Known(Read(file.Path));
    }

    /// <summary>What users are told that they log in to.</summary>
    internal string Realm { get; }

    /// <summary>Reads the users.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read, or has a line that is no user, or a hash of another kind than bcrypt.</exception>
    internal static RegistryUsers Open(string path, string realm, RegistryLog log) => new(new WatchedFile(path), realm, log);

    /// <summary>Who sends a request.</summary>
    /// <param name="authorization">The header of that name; null: none.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null: nobody who may.</returns>
    internal async Task<string?> AuthenticateAsync(string? authorization, CancellationToken ct)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        if (!TryDecode(authorization[Scheme.Length..].Trim(), out var user, out var password))
            return null;
        Refresh();
        var known = _known;
        var hash = known.Hashes.GetValueOrDefault(user);
        var proof = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{user}\0{password}"));
        if (hash is not null && known.Proofs.TryGetValue(user, out var earlier) && CryptographicOperations.FixedTimeEquals(proof, earlier))
            return user;
        // As many at a time as there are processors: guessing must not starve the others.
        await _hashing.WaitAsync(ct).ConfigureAwait(false);
        bool isRight;
        try
        {
            // A name that nobody has takes as long as one that somebody has: nobody learns so which there are.
            var tried = hash ?? known.Hashes.Values.FirstOrDefault();
            isRight = tried is not null && await Task.Run(() => tried.Verify(password), ct).ConfigureAwait(false);
        }
        finally
        {
            _hashing.Release();
        }
        if (hash is null || !isRight)
        {
            _log.Refused(Printable(user));
            return null;
        }
        known.Proofs[user] = proof;
        return user;
    }

    private static string Printable(string user) => new([.. user.Take(64).Select(c => char.IsControl(c) ? '?' : c)]);

    private void Refresh()
    {
        if (!_file.HasChanged())
            return;
        try
        {
            _known = new Known(Read(_file.Path));
            _log.Reread(_file.Path);
        }
        catch (InvalidDataException wrong)
        {
            _log.NotReread(_file.Path, wrong.Message);
        }
    }

    private static Dictionary<string, Bcrypt> Read(string path)
    {
        string[] lines;
        try
        {
            if (new FileInfo(path).Length > FileMaxBytes)
                throw new InvalidDataException($"file of users '{path}' is larger than {FileMaxBytes} bytes");
            lines = File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"cannot read file of users '{path}': {unreadable.Message.TrimEnd('.')}", unreadable);
        }
        var users = new Dictionary<string, Bcrypt>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var colon = line.IndexOf(':');
            if (colon <= 0)
                throw new InvalidDataException($"file of users '{path}', line {i + 1}: want NAME:HASH");
            if (!Bcrypt.TryParse(line[(colon + 1)..], out var hash))
                throw new InvalidDataException($"file of users '{path}', line {i + 1}: the hash of '{line[..colon]}' is {KindOf(line[(colon + 1)..])}, not bcrypt: make it with 'htpasswd -B'");
            users[line[..colon]] = hash;
        }
        return users;
    }

    private static string KindOf(string hash) => hash switch
    {
        _ when hash.StartsWith("$apr1$", StringComparison.Ordinal) => "Apache's MD5",
        _ when hash.StartsWith("$1$", StringComparison.Ordinal) => "MD5",
        _ when hash.StartsWith("$5$", StringComparison.Ordinal) => "SHA-256 crypt",
        _ when hash.StartsWith("$6$", StringComparison.Ordinal) => "SHA-512 crypt",
        _ when hash.StartsWith("{SHA}", StringComparison.Ordinal) => "plain SHA-1",
        _ when hash.StartsWith("$2", StringComparison.Ordinal) => "a damaged or unknown form of bcrypt",
        { Length: 13 } => "crypt's DES",
        _ => "of no kind that is known",
    };

    private static bool TryDecode(string text, out string user, out string password)
    {
        (user, password) = ("", "");
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return false;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':');
        if (colon <= 0 || pair.Contains('\0'))
            return false;
        (user, password) = (pair[..colon], pair[(colon + 1)..]);
        return true;
    }

    /// <summary>The users of one state of the file, and what they showed when they were verified, keyed and hashed.</summary>
    private sealed class Known(Dictionary<string, Bcrypt> hashes)
    {
        internal Dictionary<string, Bcrypt> Hashes => hashes;

        internal ConcurrentDictionary<string, byte[]> Proofs { get; } = new(StringComparer.Ordinal);
    }
}
