using System.Threading.Channels;
using Sampan.DockerApi;
using Sampan.DockerApi.Stores;
using Sampan.Engine;
using Sampan.Engine.Stores;
using Sampan.Server.Http;
using Sampan.Storage;
using LedgerEntry = Sampan.DockerApi.Stores.LedgerEntry;

namespace Sampan.Server.Docker.Engines;

/// <summary>What Docker's API has no words for, below <c>/sampan</c>: the ledger, the check, the explanation of an image.</summary>
internal sealed class StoreEndpoints(DockerDaemon daemon)
{
    private readonly StoreOperations _stores = daemon.Engine.Stores;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/sampan/ledger", Ledger);
        routes.Map("POST", "/sampan/check", Check);
        routes.Map("GET", "/sampan/images/{name*}/explain", Explain);
    }

    private Task Ledger(Exchange x)
    {
        IReadOnlyList<LedgerEntry> lines =
        [
            .. _stores.Ledger().Select(line => new LedgerEntry { Kind = line.Kind, Id = line.Id, Path = line.Path, Bytes = line.Bytes, Reason = line.Reason, Reclaimable = line.IsReclaimable }),
        ];
        return x.WriteJsonAsync(200, lines, StoreJson.Wire.LedgerEntryList);
    }

    // Steps come from the checking thread; the newest few are enough for somebody who reads slowly.
    private async Task Check(Exchange x)
    {
        var steps = Channel.CreateBounded<string>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        await x.StartStreamAsync("application/json").ConfigureAwait(false);
        var checking = RunAsync(x, steps.Writer);
        await foreach (var step in steps.Reader.ReadAllAsync(x.Aborted).ConfigureAwait(false))
            await x.WriteLineAsync(new StoreCheckMessage { Step = step }, StoreJson.Wire.StoreCheckMessage).ConfigureAwait(false);
        await x.WriteLineAsync(await checking.ConfigureAwait(false), StoreJson.Wire.StoreCheckMessage).ConfigureAwait(false);
    }

    private async Task<StoreCheckMessage> RunAsync(Exchange x, ChannelWriter<string> steps)
    {
        try
        {
            var report = await _stores.CheckAsync(x.Flag("repair"), step => steps.TryWrite(step), x.Aborted).ConfigureAwait(false);
            return new StoreCheckMessage
            {
                Blobs = report.Blobs,
                Layers = report.Layers,
                Records = report.Records,
                Findings = [.. report.Findings.Select(found => new StoreFinding { Kind = found.Kind, Id = found.Id, Problem = found.Problem, Remedy = found.Remedy, Repaired = found.IsRepaired })],
            };
        }
        catch (Exception failed) when (failed is EngineException || DiskRefusal.Is(failed))
        {
            // The head is sent: the answer's last line has to tell.
            return new StoreCheckMessage { Error = failed.Message };
        }
        finally
        {
            steps.TryComplete();
        }
    }

    private Task Explain(Exchange x)
    {
        var image = _stores.Explain(x.Route("name"), x.Aborted);
        var answer = new ImageExplanation
        {
            Id = image.ImageId,
            Bytes = image.Bytes,
            Wasted = image.Wasted,
            Layers =
            [
                .. image.Layers.Select(layer => new ExplainedLayer
                {
                    DiffId = layer.DiffId,
                    CreatedBy = layer.CreatedBy,
                    Bytes = layer.Bytes,
                    BlobBytes = layer.BlobBytes,
                    Added = layer.Added,
                    Changed = layer.Changed,
                    Deleted = layer.Deleted,
                    Wasted = layer.Wasted,
                }),
            ],
            WastedPaths = [.. image.WastedPaths.Select(path => new WastedPath { Path = path.Path, Bytes = path.Bytes, Copies = path.Copies, Deleted = path.IsDeleted })],
        };
        return x.WriteJsonAsync(200, answer, StoreJson.Wire.ImageExplanation);
    }
}
