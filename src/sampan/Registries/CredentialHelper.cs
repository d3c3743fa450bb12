using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Sampan.Cli.Commands;
using Sampan.DockerApi.Engines;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Cli.Registries;

/// <summary>
/// A program that keeps credentials, <c>docker-credential-NAME</c>: what to do is its argument, the rest goes through its standard streams
/// (<see href="https://github.com/docker/docker-credential-helpers#development">docker-credential-helpers</see>).
/// </summary>
internal sealed class CredentialHelper(string name)
{
    private const int MaxAnswerBytes = 1 << 20;
    private const string TokenUser = "<token>";
    private const string NotFound = "credentials not found in native keychain";

    public string Name => name;

    /// <summary>The credentials of a registry; null: it has none.</summary>
    public AuthConfig? Get(string key)
    {
        var (ok, answer) = Run("get", key);
        if (!ok) return answer.StartsWith(NotFound, StringComparison.Ordinal) ? null : throw Failed("get", answer);
        try
        {
            using var document = JsonDocument.Parse(answer);
            string user = Text(document.RootElement, "Username"), secret = Text(document.RootElement, "Secret");
            return user == TokenUser
                ? new AuthConfig { IdentityToken = secret, ServerAddress = key }
                : new AuthConfig { Username = user, Password = secret, ServerAddress = key };
        }
        catch (JsonException)
        {
            // What it wrote may be a secret.
            throw Failed("get", "its answer is not the JSON that was expected");
        }
    }

    public void Store(string key, string user, string secret)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("ServerURL", key);
            writer.WriteString("Username", user);
            writer.WriteString("Secret", secret);
            writer.WriteEndObject();
        }
        var (ok, answer) = Run("store", Encoding.UTF8.GetString(json.ToArray()));
        if (!ok) throw Failed("store", answer);
    }

    /// <summary>Forgets them; false: it had none.</summary>
    public bool Erase(string key)
    {
        var (ok, answer) = Run("erase", key);
        if (!ok && !answer.StartsWith(NotFound, StringComparison.Ordinal)) throw Failed("erase", answer);
        return ok;
    }

    private (bool Ok, string Answer) Run(string verb, string input)
    {
        string program = Find();
        var (childIn, toChild) = ByteChannel.Pipe();
        var (fromChild, childOut) = ByteChannel.Pipe();
        using var stderr = new SafeFd(2, ownsHandle: false);
        PidFd process;
        // The child's ends must be closed here, or its end would never be seen.
        using (childIn)
        using (childOut)
            process = PidFd.Open(ProcessSpawner.Spawn(program, [program, verb], null, new SpawnOptions { Stdin = childIn, Stdout = childOut, Stderr = stderr }));
        using var running = process;
        using (var writer = Open(toChild, FileAccess.Write))
        {
            try
            {
                writer.Write(Encoding.UTF8.GetBytes(input));
            }
            catch (IOException)
            {
                // It ended without reading: its exit code tells why.
            }
        }
        var answer = new byte[MaxAnswerBytes];
        int length;
        using (var reader = Open(fromChild, FileAccess.Read)) length = reader.ReadAtLeast(answer, answer.Length, throwOnEndOfStream: false);
        var exit = process.Reap();
        return (exit is { ExitCode: 0 }, Encoding.UTF8.GetString(answer, 0, length).Trim());
    }

    private static FileStream Open(SafeFd end, FileAccess access) => new(new SafeFileHandle(end.Release(), ownsHandle: true), access, bufferSize: 0);

    private string Find()
    {
        string file = "docker-credential-" + name;
        if (name.Contains('/')) throw Failed("find", "its name has a slash");
        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.Combine(directory, file);
            if (File.Exists(path)) return path;
        }
        throw Failed("find", $"no executable file '{file}' in $PATH");
    }

    private static string Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private CommandException Failed(string verb, string why) => new($"credential helper '{name}' failed to {verb}: {why}");
}
