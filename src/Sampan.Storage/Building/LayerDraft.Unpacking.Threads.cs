using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Building;

/// <content>Directories of a draft are filled by several threads.</content>
public sealed partial class LayerDraft
{
    /// <summary>
    /// Each thread takes a directory, makes what is in it and leaves the directories of that to whoever is free. Nobody else has the tree, all in it is made
    /// here, and every call has an open directory and one plain name.
    /// </summary>
    private sealed class Unpacking(DirectoryHandle root, Dictionary<Node, string> links, FileTime? latest, CancellationToken ct)
    {
        private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

        // Guards what follows; pulsed when it changes.
        private readonly object _gate = new();
        private readonly Stack<Node> _pending = new();
        private readonly List<(Node Directory, Node Child, SourceEntry Content)> _later = [];
        private int _busy;
        private ExceptionDispatchInfo? _failure;

        private readonly bool _isRootOwned = FileStatus.Of(root.Descriptor) is { Uid: 0, Gid: 0, Mode: var mode } && !mode.HasFlag(UnixFileMode.SetGroup);
        private long _size;

        /// <summary>Bytes of all files.</summary>
        internal long Size => Interlocked.Read(ref _size);

        internal void Run(Node top)
        {
            _pending.Push(top);
            var helpers = Math.Clamp(Environment.ProcessorCount, 1, 4) - 1;
            var others = Enumerable.Range(0, helpers).Select(_ => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
            Work();
            Task.WaitAll(others, CancellationToken.None);
            _failure?.Throw();
            foreach (var (node, child, content) in _later)
                WriteLater(node, child, content);
            foreach (var (node, first) in links)
                Link(node, first);
        }

        private void Work()
        {
            while (Take() is { } node)
            {
                try
                {
                    Fill(node);
                }
                catch (LinuxException refused)
                {
                    Fail(new LinuxException($"unpack '{RawName.Show(node.Path)}/' of a layer: {refused.Call}", refused.Errno, refused.Operand));
                }
                catch (Exception failure)
                {
                    Fail(failure);
                }
                lock (_gate)
                {
                    _busy--;
                    Monitor.PulseAll(_gate);
                }
            }
        }

        private Node? Take()
        {
            lock (_gate)
            {
                while (_pending.Count == 0 && _busy > 0 && _failure is null)
                    Monitor.Wait(_gate);
                if (_pending.Count == 0 || _failure is not null)
                    return null;
                _busy++;
                return _pending.Pop();
            }
        }

        private void Fail(Exception failure)
        {
            lock (_gate)
                _failure ??= ExceptionDispatchInfo.Capture(failure);
        }

        private void Fill(Node node)
        {
            using var opened = node.Path.Length == 0 ? null : Open(node.Path);
            var directory = opened ?? root;
            foreach (var child in node.Children.Values)
            {
                ct.ThrowIfCancellationRequested();
                var name = RawName.ToBytes(child.Name);
                if (child.Facts.Kind == TarEntryKind.Directory)
                {
                    directory.CreateDirectory(name, OwnerOnly);
                    lock (_gate)
                    {
                        _pending.Push(child);
                        Monitor.Pulse(_gate);
                    }
                }
                else if (child.Content is { } content)
                {
                    if (links.ContainsKey(child))
                        continue;
                    // Who writes the tar takes it from the client and has it hashed meanwhile: then it is a file that can be given.
                    if (content.Coming is null)
                        Write(directory, name, content, Dated(child.Facts));
                    else
                        lock (_gate)
                            _later.Add((node, child, content));
                }
                else
                {
                    directory.CreateSymbolicLink(RawName.ToBytes(child.Facts.LinkName), name);
                    LayerUnpacker.SetMetadata(directory, name, Dated(child.Facts));
                }
            }
            if (opened is null)
                return;
            // Last, for every entry changed its time; those of directories below are made, what becomes of them is no change here.
            LayerUnpacker.SetMetadata(directory.Descriptor, node.Facts);
            directory.Descriptor.SetModified(Dated(node.Facts).Modified);
        }

        private void Write(DirectoryHandle directory, byte[] name, SourceEntry content, TarEntry facts, bool isLate = false)
        {
            Interlocked.Add(ref _size, content.Size);
            if (content.Own is { } own && own.TryGive(directory, name, facts))
                return;
            using var file = directory.CreateFile(name, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            long length = 0;
            if (content.Size >= OwnFile.LeastBytes)
            {
                using var handle = new SafeFileHandle(file.Number, ownsHandle: false);
                using var blocks = new BlockWriter(handle);
                content.Copy(piece =>
                {
                    ct.ThrowIfCancellationRequested();
                    blocks.Append(piece);
                });
                blocks.Finish();
                length = blocks.Length;
            }
            else
            {
                content.Copy(piece =>
                {
                    file.Write(piece);
                    length += piece.Length;
                });
            }
            if (length != content.Size)
                throw new StorageException(StorageError.Corrupt, $"'{RawName.Show(RawName.Of(name))}' has {length} bytes, {content.Size} were expected");
            if (_isRootOwned && !isLate && facts is { Uid: 0, Gid: 0 })
            {
                // It belongs to root already.
                file.SetMode(facts.Mode);
                LayerUnpacker.SetAttributes(file, facts);
            }
            else
            {
                LayerUnpacker.SetMetadata(file, facts);
            }
            file.SetModified(facts.Modified);
        }

        // What came from the client meanwhile; its directory keeps its time, and has its owner and permissions by now: from one with setgid the file has the group.
        private void WriteLater(Node node, Node child, SourceEntry content)
        {
            content.Coming?.AwaitTaken(ct);
            using var opened = node.Path.Length == 0 ? null : Open(node.Path);
            var directory = opened ?? root;
            var modified = FileStatus.Of(directory.Descriptor).ModifiedTime;
            Write(directory, RawName.ToBytes(child.Name), content, Dated(child.Facts), isLate: true);
            if (opened is not null)
                directory.Descriptor.SetModified(modified);
        }

        // Another name for a file that is there by now; its directory keeps its time.
        private void Link(Node node, string first)
        {
            var (path, target) = (LayerPath.Cut(node.Path), LayerPath.Cut(first));
            using var opened = path.Parent.Length == 0 ? null : Open(path.Parent);
            using var other = target.Parent.Length == 0 ? null : Open(target.Parent);
            var directory = opened ?? root;
            var modified = FileStatus.Of(directory.Descriptor).ModifiedTime;
            directory.CreateHardLink(other ?? root, RawName.ToBytes(target.Name), RawName.ToBytes(path.Name));
            if (opened is not null)
                directory.Descriptor.SetModified(modified);
        }

        private DirectoryHandle Open(string path) => root.TryResolve(RawName.ToBytes(path), out var errno) ?? throw new LinuxException("open directory", errno, RawName.Show(path));

        private TarEntry Dated(TarEntry facts) => latest is { } most && (facts.Modified.Seconds, facts.Modified.Nanoseconds).CompareTo((most.Seconds, most.Nanoseconds)) > 0 ? facts with { Modified = most } : facts;
    }
}
