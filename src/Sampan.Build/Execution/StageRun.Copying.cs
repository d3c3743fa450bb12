using System.Text;
using Sampan.Build.Caching;
using Sampan.Build.Clients;
using Sampan.Build.Parsing;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Build.Execution;

/// <content>COPY and ADD.</content>
internal sealed partial class StageRun
{
    private const int MaxRemoteBytes = 1 << 30;

    /// <summary>
    /// (1) what is copied where, variables put in (2) the key: names and contents, never times (3) unless an earlier build did it, a layer of it.
    /// </summary>
    private async Task CopyAsync(Instruction.Copy copy)
    {
        // (1)
        var place = copy.Place;
        var destination = Expand(copy.Destination, place);
        var isDirectory = destination.EndsWith('/') || destination is "." or ".." || destination.EndsWith("/.", StringComparison.Ordinal);
        var target = AbsolutePath(destination);
        var owner = copy.Chown is { } chown ? build.Engine.Steps.Owner(_state.Files, Expand(chown, place)) : default((uint Uid, uint Gid)?);
        var mode = copy.Chmod is { } chmod ? Expand(chmod, place) : null;
        var excludes = copy.Excludes.Count == 0 ? IgnoreRules.None : Rules([.. copy.Excludes.Select(pattern => Expand(pattern, place))], place);
        // The context need not come for what comes from elsewhere.
        var isElsewhere = copy.Origin is null && copy.Sources.All(source => copy.IsAdd && IsElsewhere(Expand(source, place)));
        var origin = isElsewhere ? Origin.Of(SourceTree.Empty()) : await Origin.FindAsync(build, stage, copy.Origin is { } from ? Expand(from, place) : null, place, copy.Origin);
        var items = new List<CopyItem>();
        foreach (var document in copy.Documents)
            items.Add(Document(document, place));
        foreach (var source in copy.Sources)
            items.AddRange(await ItemsAsync(copy, source, origin));
        using var unpacked = new Disposables(items.Select(item => item.Owned).OfType<IDisposable>());
        var matched = items.Where(item => item.Name.Length == 0 || !excludes.Excludes(item.Name)).ToList();
        if (matched.Count == 0)
            throw BuildException.Invalid($"{VerbOf(copy)} failed: no source files were specified: nothing in {(copy.Origin is null ? "the build context" : $"'{copy.Origin}'")} matches {string.Join(' ', copy.Sources)}");

        // A content that the client still has can be in no key. If nothing like it was ever copied, the layer comes first: it is hashed on its way there.
        var isComing = matched.Exists(item => SourceTree.IsComing(item.Entry, ExcludedBelow(excludes, item)));
        var ahead = isComing && (build.Cache.IsNewShape(KeyOf(SourceTree.Shape).Finish()) || IsFresh) ? await LayerAsync() : null;
        try
        {
            // (2)
            var key = KeyOf(SourceTree.Checksum).Note("target", target).Note("owner", owner?.ToString()).Note("permissions", mode);
            key.NoteLater(() => matched.SelectMany(item => SourceTree.Describe(item.Entry, ExcludedBelow(excludes, item)).Select(file => KeyValuePair.Create($"file {Path.Combine(item.Name, file.Path)}", file.Look))));
            var text = $"{VerbOf(copy)} {string.Join(' ', copy.Sources.Select(source => Expand(source, place)).Concat(copy.Documents.Select(document => $"<<{document.Name}")).Append(destination))} # buildkit";

            // (3)
            var made = ahead;
            await TakeAsync(key, copy.Text, text, () => Interlocked.Exchange(ref made, null) is { } layer ? Task.FromResult(layer) : LayerAsync());
        }
        finally
        {
            // Unless it is what the step gave.
            if (ahead is not null)
                build.Cache.Abandon(ahead);
        }

        CacheKey KeyOf(Func<SourceEntry, Func<string, bool>?, byte[]> checksum)
        {
            var key = NewKey(VerbOf(copy)).Add(target, isDirectory ? "/" : "", owner?.ToString(), mode, copy.Link ? "link" : "").AddAll(excludes.Patterns);
            foreach (var item in matched)
                key.Add(item.Path, item.Entry.Kind.ToString(), item.IsArchive ? "archive" : "").Add(checksum(item.Entry, ExcludedBelow(excludes, item)));
            return key;
        }

        Task<ImageRecord> LayerAsync()
        {
            var draft = build.Engine.Steps.Draft(copy.Link ? null : _state.Files, build.Now);
            var change = mode is null ? null : FileModes.Parse(mode, place);
            var isInto = isDirectory || draft.IsDirectory(target);
            if (!isInto && matched.Count(item => item.Path.Length > 0) > 1)
                throw BuildException.Invalid($"When using {VerbOf(copy)} with more than one source file, the destination must be a directory and end with a /");
            foreach (var item in matched)
            {
                var looks = new CopyLooks { Owner = owner, Mode = change, Excludes = ExcludedBelow(excludes, item), TakesDevices = !origin.IsContext };
                if (item.Entry.Kind == SourceKind.Directory)
                    draft.CopyContent(item.Entry, copy.Parents && item.Path.Length > 0 ? $"{target}/{item.Path}" : target, looks);
                else
                    draft.Copy(item.Entry, isInto || copy.Parents ? $"{target}/{item.Path}" : target, looks);
            }
            return StackAsync(draft);
        }
    }

    private static Func<string, bool>? ExcludedBelow(IgnoreRules excludes, CopyItem item) =>
        excludes.IsEmpty ? null : path => excludes.Excludes(item.Name.Length == 0 || item.Entry.Kind != SourceKind.Directory ? path : $"{item.Name}/{path}") || excludes.Excludes(path);

    private static bool IsElsewhere(string source) => IsUrl(source) || GitAddress.IsOne(source);

    private CopyItem Document(Heredoc document, SourcePlace place)
    {
        var content = document.Expands ? Expansion.Document(document.Content, Escape, ValueOf, place) : document.Content;
        var tree = SourceTree.Of((document.Name, Encoding.UTF8.GetBytes(content), (UnixFileMode)0x1a4, build.Now));
        return new CopyItem(document.Name, document.Name, SourceTree.List(tree.Root).Single(), false, null);
    }

    // Everything that one word means: a path, a pattern, an URL, an archive.
    private async Task<IReadOnlyList<CopyItem>> ItemsAsync(Instruction.Copy copy, string word, Origin origin)
    {
        var source = Expand(word, copy.Place);
        if (copy.IsAdd && IsUrl(source))
            return [await FetchedAsync(copy, source)];
        if (copy.IsAdd && GitAddress.IsOne(source))
            return [await RepositoryAsync(copy, source)];
        if (copy.Checksum is not null)
            throw new DockerfileException("checksum is only supported for HTTP(S) and Git sources", copy.Place);
        var (pivot, path) = Pivot(source, copy.Parents);
        // The reference: what leads out of the context begins at its top. What is not there was meant to be outside.
        var leadsOut = origin.IsContext && LeadsOut(path);
        path = leadsOut ? Path.GetFullPath(path, "/") : path;
        var found = Match(origin, path);
        if (found.Count == 0 && leadsOut)
            throw new DockerfileException($"{VerbOf(copy)} failed: forbidden path outside the build context: {source} ()", copy.Place) { Word = word };
        // As Docker: "COPY package.json yarn.lock* ./" is meant to work without a yarn.lock.
        if (found.Count == 0 && path.AsSpan().IndexOfAny("*?[") < 0)
            throw NotFound(copy, word, source, path, origin);
        var items = new List<CopyItem>();
        foreach (var (name, entry) in found)
        {
            if (copy.IsAdd && entry.Kind == SourceKind.File && copy.Unpack != false && SourceTree.IsArchive(entry))
            {
                using var stream = entry.OpenRead();
                var tree = await SourceTree.ReadArchiveAsync(stream, Path.Combine(build.Engine.Steps.DataDirectory, "spool"), Storage.Archives.ArchiveLimits.Default, asRoot: false, build.Stopped);
                items.Add(new CopyItem("", "", tree.Root, true, tree));
                continue;
            }
            // With --parents the path that was asked for is kept, else a file's name, and of a directory only what is in it.
            var kept = copy.Parents ? name[Math.Min(pivot, name.Length)..].TrimStart('/') : entry.Kind == SourceKind.Directory ? "" : name[(name.LastIndexOf('/') + 1)..];
            items.Add(new CopyItem(kept, name, entry, false, null));
        }
        return items;
    }

    private DockerfileException NotFound(Instruction.Copy copy, string word, string source, string path, Origin origin)
    {
        var where = !origin.IsContext || copy.Origin is not null ? $"file not found in '{copy.Origin}'"
            : build.Rules?.Excludes(path.Trim('/')) == true ? "file excluded by .dockerignore" : "file not found in build context or excluded by .dockerignore";
        return new DockerfileException($"{VerbOf(copy)} failed: {where}: stat {source}: file does not exist", copy.Place) { Word = word };
    }

    private async Task<CopyItem> RepositoryAsync(Instruction.Copy copy, string source)
    {
        var address = GitAddress.Parse(source);
        var (tree, commit) = await Repositories.FetchAsync(address, build.Engine.Steps, build.Agents, copy.KeepGitDir, await ClientSecrets.OfAsync(build.Request, address.Url, build.Stopped), build.Stopped);
        if (copy.Checksum is { } checksum && !commit.StartsWith(Expand(checksum, copy.Place), StringComparison.OrdinalIgnoreCase))
        {
            tree.Dispose();
            throw BuildException.Invalid($"ADD failed: expected checksum to match {checksum}, got {commit}");
        }
        if (tree.Find(address.Directory ?? "") is { Kind: SourceKind.Directory } top)
            return new CopyItem("", "", top, false, tree);
        tree.Dispose();
        throw BuildException.Invalid($"ADD failed: directory '{address.Directory}' is not in the repository");
    }

    private async Task<CopyItem> FetchedAsync(Instruction.Copy copy, string url)
    {
        var fetched = await RemoteContext.FetchAsync(new Uri(url), MaxRemoteBytes, await ClientSecrets.OfAsync(build.Request, url, build.Stopped), build.Stopped);
        if (copy.Checksum is { } checksum)
        {
            var digest = Oci.Images.Digest.Of(fetched.Content).ToString();
            if (digest != Expand(checksum, copy.Place))
                throw BuildException.Invalid($"ADD failed: digest mismatch {digest}: {checksum}");
        }
        if (fetched.Name.Length == 0 && copy.Destination.EndsWith('/'))
            throw BuildException.Invalid($"ADD failed: cannot determine filename for source {url}");
        var tree = SourceTree.Of((fetched.Name.Length == 0 ? "download" : fetched.Name, fetched.Content, (UnixFileMode)0x180, fetched.Modified ?? DateTimeOffset.UnixEpoch));
        var file = SourceTree.List(tree.Root).Single();
        if (copy.Unpack != true)
            return new CopyItem(file.Name, file.Name, file, false, null);
        using var stream = file.OpenRead();
        var archive = await SourceTree.ReadArchiveAsync(stream, Path.Combine(build.Engine.Steps.DataDirectory, "spool"), Storage.Archives.ArchiveLimits.Default, asRoot: false, build.Stopped);
        return new CopyItem("", "", archive.Root, true, archive);
    }

    // Names with wildcards, one directory after the other; what has none is looked up, links followed.
    private List<(string Name, SourceEntry Entry)> Match(Origin origin, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        var plain = parts.TakeWhile(part => part.AsSpan().IndexOfAny("*?[") < 0).ToList();
        var prefix = string.Join('/', plain).Replace("\\", "", StringComparison.Ordinal);
        if (origin.Find("/" + prefix, build.Stopped) is not { } start)
            return [];
        var found = new List<(string, SourceEntry)>();
        Match(start, prefix, [.. parts.Skip(plain.Count)], found);
        return found;
    }

    private static void Match(SourceEntry here, string path, ReadOnlySpan<string> patterns, List<(string, SourceEntry)> found)
    {
        if (patterns.IsEmpty)
        {
            found.Add((path, here));
            return;
        }
        if (patterns[0] == "**")
            Match(here, path, patterns[1..], found);
        var pattern = IgnoreRules.ToRegex(patterns[0] == "**" ? "*" : patterns[0]);
        foreach (var child in SourceTree.List(here))
        {
            if (pattern.IsMatch(child.Name))
                Match(child, path.Length == 0 ? child.Name : $"{path}/{child.Name}", patterns[0] == "**" ? patterns : patterns[1..], found);
        }
    }

    // "/./" in a source of COPY --parents: what is before it is not kept.
    private static (int Length, string Path) Pivot(string source, bool parents)
    {
        var at = parents ? source.IndexOf("/./", StringComparison.Ordinal) : -1;
        return at < 0 ? (0, source) : (source[..at].TrimStart('.', '/').Length, source[..at] + source[(at + 2)..]);
    }

    private static bool LeadsOut(string path)
    {
        var depth = 0;
        foreach (var part in path.Split('/'))
        {
            depth += part switch { "" or "." => 0, ".." => -1, _ => 1 };
            if (depth < 0)
                return true;
        }
        return false;
    }

    private static IgnoreRules Rules(IReadOnlyList<string> patterns, SourcePlace place)
    {
        try
        {
            return new IgnoreRules(patterns);
        }
        catch (FormatException wrong)
        {
            throw new DockerfileException(wrong.Message, place, wrong);
        }
    }

    private static bool IsUrl(string source) => (source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal)) && !GitAddress.IsOne(source);

    /// <summary>One thing that is copied.</summary>
    /// <param name="Path">What it is called in the target directory; empty: its content goes there.</param>
    /// <param name="Name">Its path where it comes from, for <c>--exclude</c>.</param>
    /// <param name="Entry">It.</param>
    /// <param name="IsArchive">It was unpacked.</param>
    /// <param name="Owned">Goes when it was copied; null: somebody else's.</param>
    private sealed record CopyItem(string Path, string Name, SourceEntry Entry, bool IsArchive, IDisposable? Owned);

    private sealed class Disposables(IEnumerable<IDisposable> items) : IDisposable
    {
        private readonly List<IDisposable> _items = [.. items];

        public void Dispose() => _items.ForEach(item => item.Dispose());
    }
}
