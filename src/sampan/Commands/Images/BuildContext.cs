using System.Formats.Tar;
using System.IO.Pipelines;
using System.Text;
using Sampan.Build.Parsing;
using Sampan.DockerApi.Client;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Cli.Commands.Images;

/// <summary>
/// What a build is made from, as a tar that is written while it is sent. What <c>.dockerignore</c> names is not sent, but for the Dockerfile and the
/// ignore file themselves, which the engine needs; links are sent as links.
/// </summary>
internal sealed class BuildContext
{
    private static readonly IReadOnlySet<string> s_nothing = new HashSet<string>();

    private readonly string? _directory;
    private readonly Stream? _input;
    private readonly byte[]? _dockerfile;

    private BuildContext(string? directory, Stream? input, string name, byte[]? dockerfile)
    {
        _directory = directory;
        _input = input;
        Dockerfile = name;
        _dockerfile = dockerfile;
    }

    /// <summary>The Dockerfile's path in the context.</summary>
    public string Dockerfile { get; }

    /// <summary>Directories that go with it, as further contexts: each below a name of its own.</summary>
    public IReadOnlyList<(string Name, string Directory)> Others { get; init; } = [];

    /// <summary>Whether it is an archive that is sent as it comes: nothing can go with it.</summary>
    public bool IsArchive => _input is not null;

    // Where it lies in the archive that is sent.
    private string Root { get; init; } = "";

    /// <summary>The same with further directories.</summary>
    public BuildContext With(IReadOnlyList<(string Name, string Directory)> others) => new(_directory, _input, Dockerfile, _dockerfile) { Others = others };

    /// <summary>A directory.</summary>
    /// <param name="path">Which.</param>
    /// <param name="dockerfile">The Dockerfile, perhaps elsewhere, <c>-</c>: standard input; null: the directory's own.</param>
    /// <param name="input">Standard input.</param>
    public static BuildContext OfDirectory(string path, string? dockerfile, Stream input)
    {
        string directory = Path.GetFullPath(path);
        if (!Directory.Exists(directory)) throw new CommandException($"unable to prepare context: path \"{path}\" not found");
        string name = dockerfile ?? "Dockerfile";
        string full = Path.GetFullPath(dockerfile ?? Path.Combine(directory, name));
        bool isInside = full.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);
        if (dockerfile != "-" && !File.Exists(full)) throw new CommandException($"unable to evaluate the Dockerfile: {full}: no such file");
        if (dockerfile != "-" && isInside) return new BuildContext(directory, null, Path.GetRelativePath(directory, full), null);
        byte[] content = dockerfile == "-" ? ReadAll(input) : File.ReadAllBytes(full);
        return new BuildContext(directory, null, $".dockerfile.{Guid.NewGuid():n}", content);
    }

    /// <summary>Standard input: a tar, plain or compressed, or a Dockerfile alone.</summary>
    public static BuildContext OfInput(Stream input)
    {
        byte[] head = new byte[512];
        int length = input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var all = new MemoryStream(head, 0, length);
        bool isArchive = length > 262 && head.AsSpan(257, 5).SequenceEqual("ustar"u8) || length > 6 && (head is [0x1f, 0x8b, ..] or [0x28, 0xb5, 0x2f, 0xfd, ..] || head.AsSpan().StartsWith("BZh"u8) || head is [0xfd, (byte)'7', (byte)'z', ..]);
        if (isArchive) return new BuildContext(null, new Joined(all, input), "Dockerfile", null);
        using var text = new MemoryStream();
        all.CopyTo(text);
        input.CopyTo(text);
        return new BuildContext(null, null, "Dockerfile", text.ToArray());
    }

    /// <summary>Sends it, without what the engine has from before.</summary>
    /// <param name="client">The engine.</param>
    /// <param name="time">The clock that tells which files are too young to be recognised.</param>
    /// <param name="send">Sends an archive, and with it the offer by which something is left out; null: nothing is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendAsync(DockerClient client, TimeProvider time, Func<Stream, string?, Task> send, CancellationToken cancellationToken)
    {
        if (_input is not null)
        {
            await send(_input, null).ConfigureAwait(false);
            return;
        }
        var files = List(cancellationToken).ToList();
        var (offer, known) = _directory is { } top ? await ContextOffer.MakeAsync(client, time, top, files, cancellationToken).ConfigureAwait(false) : (null, s_nothing);
        var pipe = new Pipe();
        var writing = Task.Run(
            async () =>
            {
                try
                {
                    var stream = pipe.Writer.AsStream(leaveOpen: true);
                    await using (stream.ConfigureAwait(false))
                    {
                        var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
                        await using (tar.ConfigureAwait(false)) await WriteAsync(tar, files, known, cancellationToken).ConfigureAwait(false);
                    }
                    await pipe.Writer.CompleteAsync().ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    await pipe.Writer.CompleteAsync(e).ConfigureAwait(false);
                }
            },
            CancellationToken.None);
        try
        {
            await send(pipe.Reader.AsStream(), offer).ConfigureAwait(false);
        }
        finally
        {
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(TarWriter tar, List<ContextFile> files, IReadOnlySet<string> known, CancellationToken cancellationToken)
    {
        if (_dockerfile is not null)
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, Dockerfile) { DataStream = new MemoryStream(_dockerfile), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite }, cancellationToken).ConfigureAwait(false);
            // One that is not of the context is not copied into the image either.
            await AddIgnoredAsync(tar, cancellationToken).ConfigureAwait(false);
        }
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (file.Path is null) await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, file.Name), cancellationToken).ConfigureAwait(false);
            else if (known.Contains(file.Name)) await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, file.Name) { Mode = file.Status.Mode, ModificationTime = file.Status.Modified }, cancellationToken).ConfigureAwait(false);
            else await tar.WriteEntryAsync(file.Path, file.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    // All that is sent, in order: of directories further contexts, too.
    private IEnumerable<ContextFile> List(CancellationToken cancellationToken)
    {
        if (_directory is { } directory)
        {
            foreach (var file in List(directory, "", Rules(directory), cancellationToken)) yield return file;
        }
        foreach (var (name, other) in Others)
        {
            string root = $".sampan-contexts/{name}/";
            yield return new ContextFile(null, root, default);
            foreach (var file in new BuildContext(Path.GetFullPath(other), null, ".", null) { Root = root }.List(cancellationToken)) yield return file;
        }
    }

    private async Task AddIgnoredAsync(TarWriter tar, CancellationToken cancellationToken)
    {
        string own = _directory is { } directory && File.Exists(Path.Combine(directory, ".dockerignore")) ? await File.ReadAllTextAsync(Path.Combine(directory, ".dockerignore"), cancellationToken).ConfigureAwait(false) : "";
        byte[] rules = Encoding.UTF8.GetBytes($"{own}\n{Dockerfile}\n{Dockerfile}.dockerignore\n");
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, Dockerfile + ".dockerignore") { DataStream = new MemoryStream(rules), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite }, cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<ContextFile> List(string directory, string prefix, IgnoreRules rules, CancellationToken cancellationToken)
    {
        using var handle = DirectoryHandle.Open(directory);
        foreach (string path in Directory.EnumerateFileSystemEntries(directory).Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string last = Path.GetFileName(path);
            string name = prefix + last;
            bool isNeeded = name == Dockerfile || name == Dockerfile + ".dockerignore" || name == ".dockerignore";
            bool isExcluded = !isNeeded && rules.Excludes(name);
            // One that is gone meanwhile is told by who sends it.
            if (handle.TryStat(Encoding.UTF8.GetBytes(last), out var status) && status.Kind == FileKind.Directory)
            {
                if (!isExcluded) yield return new ContextFile(path, Root + name + "/", status);
                if (isExcluded && rules.ExcludesAllBelow(name) && !Dockerfile.StartsWith(name + "/", StringComparison.Ordinal)) continue;
                foreach (var below in List(path, name + "/", rules, cancellationToken)) yield return below;
            }
            else if (!isExcluded && status.Kind != FileKind.Socket)
            {
                // A tar has no form for sockets.
                yield return new ContextFile(path, Root + name, status);
            }
        }
    }

    private IgnoreRules Rules(string directory)
    {
        string[] files = [Path.Combine(directory, Dockerfile + ".dockerignore"), Path.Combine(directory, ".dockerignore")];
        if (Array.Find(files, File.Exists) is not { } file) return IgnoreRules.None;
        try
        {
            return IgnoreRules.Read(File.ReadAllText(file));
        }
        catch (FormatException e)
        {
            throw new CommandException($"cannot read '{file}': {e.Message}");
        }
    }

    /// <summary>Whether a path with a directory leads to a socket, for which a tar has no form.</summary>
    public static bool IsSocket(string path)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(path) ?? "/");
        return parent.TryStat(Encoding.UTF8.GetBytes(Path.GetFileName(path)), out var status) && status.Kind == FileKind.Socket;
    }

    private static byte[] ReadAll(Stream input)
    {
        using var all = new MemoryStream();
        input.CopyTo(all);
        return all.ToArray();
    }

    /// <summary>One stream after another.</summary>
    private sealed class Joined(Stream first, Stream second) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => first.Read(buffer, offset, count) is > 0 and var read ? read : second.Read(buffer, offset, count);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            first.Read(buffer.Span) is > 0 and var read ? read : await second.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
