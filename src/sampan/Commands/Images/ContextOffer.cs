using System.Globalization;
using System.Text;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Digests;
using Sampan.Linux.Io;

namespace Sampan.Cli.Commands.Images;

/// <summary>
/// Tells the engine which files a context has before it is sent, and hears which of them it has from an earlier build. A file is known by its inode, size and
/// times; nothing is read for that. An engine on the same machine is offered large files themselves, open for reading.
/// </summary>
internal static class ContextOffer
{
    // Less is sent as fast as it is asked about.
    private const int FewFiles = 256;
    private const long FewBytes = 1 << 20;
    private const int MostBytes = 60 << 20;
    private const long LargeBytes = 4 << 20;
    private const int MostOpen = 128;

    // A change within the clock's grain would not show: what is this young is known by nothing.
    private static readonly TimeSpan s_young = TimeSpan.FromSeconds(2);

    /// <summary>Makes the offer.</summary>
    /// <param name="client">The engine.</param>
    /// <param name="time">The clock.</param>
    /// <param name="directory">The context.</param>
    /// <param name="files">What it has.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The offer's id, and names of files that need no content; null and none: all has to be sent.</returns>
    public static async Task<(string? Id, IReadOnlySet<string> Known)> MakeAsync(DockerClient client, TimeProvider time, string directory, IReadOnlyList<ContextFile> files, CancellationToken cancellationToken)
    {
        var plain = files.Where(static file => file.Status.Kind == FileKind.Regular).ToList();
        var known = new HashSet<string>(StringComparer.Ordinal);
        if (plain.Count < FewFiles && plain.Sum(static file => file.Status.Size) < FewBytes) return (null, known);
        long young = time.GetUtcNow().Subtract(s_young).ToUnixTimeSeconds();
        using var text = new MemoryStream();
        using var open = new OpenFiles();
        using (var writer = new StreamWriter(text, new UTF8Encoding(false), leaveOpen: true))
        {
            foreach (var file in plain) writer.Write($"{file.Name}\0{Fingerprint(file.Status, young)}\0");
            if (client.Endpoint.SocketPath is not null) Open(plain, writer, open);
        }
        if (text.Length > MostBytes) return (null, known);
        text.Position = 0;
        try
        {
            var answer = await client.OfferContextAsync(Key(directory), directory, text, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < plain.Count && i < answer.Known.Length; i++)
            {
                if (answer.Known[i] == '1') known.Add(plain[i].Name);
            }
            return (answer.Id, known);
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            // Another engine, which wants all of it.
            return (null, known);
        }
    }

    // An entry without content cannot say a time before 1970.
    private static string Fingerprint(in FileStatus status, long young) => status.ChangedTime.Seconds >= young || status.ModifiedTime.Seconds >= young || status.ModifiedTime.Seconds < 0 ? ""
        : status.Fingerprint;

    // An engine on this machine reads large files itself, if it can: it takes what we have open by its number in this process. They are open until it answers.
    private static void Open(List<ContextFile> files, StreamWriter writer, OpenFiles open)
    {
        for (int i = 0; i < files.Count && open.Count < MostOpen; i++)
        {
            if (files[i] is not { Status: { Size: >= LargeBytes, ModifiedTime.Seconds: >= 0 }, Path: { } path } || open.TryAdd(path, files[i].Status) is not { } number) continue;
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"\0{i} {number} {files[i].Status.Fingerprint}\0"));
        }
    }

    // The same directory of the same machine and user: another's files may have the same numbers.
    private static string Key(string directory)
    {
        const string Machine = "/etc/machine-id";
        string machine = File.Exists(Machine) ? File.ReadAllText(Machine).Trim() : "";
        return Convert.ToHexStringLower(Sha2.Sha256(Encoding.UTF8.GetBytes($"{machine}\n{Environment.MachineName}\n{Environment.UserName}\n{directory}")));
    }
}
