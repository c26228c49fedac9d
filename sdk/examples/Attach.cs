// Lends a tool of a running C# program by P/Invoke, without unsafe code: .NET, Mono, and engines that are built on it.
//
// NOT TRIED by any test: it was compiled and called by hand, with Mono 6.8 on Linux. It uses the functions that
// tenon_attach.py calls by ctypes, which is tested.
//
//     mcs -r:System.Runtime.Serialization.dll Attach.cs && LD_LIBRARY_PATH=… mono Attach.exe
using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;

static class Attach
{
    const string Library = "tenon-attach"; // libtenon-attach.so, tenon-attach.dll

    // tenon_text
    [StructLayout(LayoutKind.Sequential)]
    struct Text { public IntPtr Data; public ulong Size; }

    // tenon_value
    [StructLayout(LayoutKind.Sequential)]
    struct Value { public IntPtr Document; public ulong Index; }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int FinishFunction(IntPtr call, Text result);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int FailFunction(IntPtr call, int status, Text message);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int ProgressFunction(IntPtr call, double done, double total, Text message);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int CallFunction(IntPtr userData, uint index, IntPtr call);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate void LogFunction(IntPtr userData, int level, Text message);

    // tenon_call_api, as far as it is used here: more members follow.
    [StructLayout(LayoutKind.Sequential)]
    struct CallApi
    {
        public uint StructSize, Reserved;
        public FinishFunction Finish;
        public FailFunction Fail;
        public ProgressFunction Progress;
    }

    // tenon_call
    [StructLayout(LayoutKind.Sequential)]
    struct Call
    {
        public uint StructSize, Reserved;
        public IntPtr Api; // CallApi
        public IntPtr HostData;
        public Value Arguments, Meta;
        public Text Principal, Session, TraceParent, TraceState, Baggage;
        public ulong DeadlineMs;
    }

    // tenon_attach_options
    [StructLayout(LayoutKind.Sequential)]
    struct Options
    {
        public uint StructSize, Flags;
        public IntPtr Entry;               // not with tenon_attach_tools
        public IntPtr Name, Title, Socket; // UTF-8, zero-terminated
        public uint Threads, Reserved;
        public LogFunction Log;
        public IntPtr UserData;
    }

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int tenon_attach_tools(ref Options options, byte[] manifest, byte[] tools, CallFunction call,
                                         out IntPtr attachment);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern void tenon_attach_json(IntPtr call, Value value, out Text json);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int tenon_attach_poll(IntPtr attachment, int timeoutMs);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern void tenon_detach(IntPtr attachment);

    const int Failed = -7; // TENON_ERROR_FAILED

    [DataContract]
    class CountArguments
    {
        [DataMember(Name = "by")]
        public int? By = null;
    }

    // The library keeps a pointer to it: the collector must not take it.
    static readonly CallFunction onCall = OnCall;
    static int counter;

    static void Main()
    {
        var name = Pinned("counter");
        var options = new Options { StructSize = (uint)Marshal.SizeOf(typeof(Options)), Name = name.AddrOfPinnedObject() };
        IntPtr attachment;
        var status = tenon_attach_tools(ref options, Terminated("{\"name\": \"counter\", \"version\": \"1.0.0\"}"), Terminated(@"
            [{""name"": ""count"", ""description"": ""Counts up"",
              ""inputSchema"": {""type"": ""object"", ""properties"": {""by"": {""type"": ""integer""}}},
              ""tenon"": {""index"": 0, ""thread"": ""main""}}]"), onCall, out attachment);
        name.Free(); // the options were copied
        if (status != 0)
            throw new InvalidOperationException("the program cannot lend its tools (status " + status + ")");
        while (counter < 100) // the program's own loop
            tenon_attach_poll(attachment, 100);
        tenon_detach(attachment);
    }

    // Nothing thrown may leave it. (An engine that compiles ahead wants [MonoPInvokeCallback] here.)
    static int OnCall(IntPtr userData, uint index, IntPtr pointer)
    {
        var call = (Call)Marshal.PtrToStructure(pointer, typeof(Call));
        var api = (CallApi)Marshal.PtrToStructure(call.Api, typeof(CallApi));
        try
        {
            counter += Arguments(pointer, call).By ?? 1;
            return WithText("{\"content\": [{\"type\": \"text\", \"text\": \"" + counter + "\"}]}",
                            result => api.Finish(pointer, result));
        }
        catch (Exception error)
        {
            return WithText(error.GetBaseException().Message, message => api.Fail(pointer, Failed, message));
        }
    }

    static CountArguments Arguments(IntPtr pointer, Call call)
    {
        Text json;
        tenon_attach_json(pointer, call.Arguments, out json);
        var bytes = new byte[checked((int)json.Size)];
        Marshal.Copy(json.Data, bytes, 0, bytes.Length);
        using (var stream = new MemoryStream(bytes))
            return (CountArguments)new DataContractJsonSerializer(typeof(CountArguments)).ReadObject(stream);
    }

    // The text is borrowed for as long as `use` runs.
    static int WithText(string text, Func<Text, int> use)
    {
        var bytes = Pinned(text);
        try
        {
            return use(new Text { Data = bytes.AddrOfPinnedObject(), Size = (ulong)Encoding.UTF8.GetByteCount(text) });
        }
        finally
        {
            bytes.Free();
        }
    }

    static GCHandle Pinned(string text) { return GCHandle.Alloc(Terminated(text), GCHandleType.Pinned); }

    static byte[] Terminated(string text) { return Encoding.UTF8.GetBytes(text + "\0"); }
}
