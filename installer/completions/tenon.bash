# Completion of tenon(1) for bash.

# Servers, tools, parameters, URIs and options, asked of tenon itself. bash breaks words at colons and equals signs, which are
# in the middle of URLs and parameters: they are put together for tenon, and readline gets what follows the last break.
_tenon_client() {
    local rest=$COMP_LINE piece gap glued='' breaks='' begun i at=0
    local -a words=()
    for ((i = 0; i < ${#COMP_WORDS[@]}; ++i)); do
        piece=${COMP_WORDS[i]}
        gap=${rest%%[![:space:]]*}
        rest=${rest:${#gap}}
        if ((i > 0)) && [[ -z $gap && ($piece == [:=@]* || $glued) ]]; then
            words[-1]+=$piece
        else
            words+=("$piece")
        fi
        rest=${rest:${#piece}}
        [[ $piece == *[:=@] ]] && glued=1 || glued=''
        ((i == COMP_CWORD)) && at=$((${#words[@]} - 1)) begun=${words[-1]}
    done
    words[at]=$begun
    mapfile -t COMPREPLY < <("${words[0]}" complete --word=$((at - 1)) -- "${words[@]:1}" 2>/dev/null </dev/null)
    for piece in : = @; do
        [[ $COMP_WORDBREAKS == *$piece* ]] && breaks+=$piece
    done
    [[ $breaks ]] && gap=${begun%"${begun##*["$breaks"]}"} || gap=''
    for i in "${!COMPREPLY[@]}"; do
        piece=${COMPREPLY[i]#"$gap"}
        COMPREPLY[i]=${piece:+$(printf %q "$piece")}
    done
}

_tenon() {
    local current=$2 previous=$3 word subcommand='' nested=''
    COMPREPLY=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            -*) ;;
            *) if [[ -z $subcommand ]]; then subcommand=$word; elif [[ -z $nested ]]; then nested=$word; fi ;;
        esac
    done
    case $subcommand in
        list | call | read | prompt | login | shell | doctor)
            _tenon_client
            [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
            return
            ;;
    esac
    case $current in
        --config=* | --pidfile=* | --log.file=*)
            mapfile -t COMPREPLY < <(compgen -f -- "${current#*=}")
            return
            ;;
        --plugins.directory=*)
            mapfile -t COMPREPLY < <(compgen -d -- "${current#*=}")
            return
            ;;
    esac
    case "$previous $current" in
        '= '* | *' =')
            mapfile -t COMPREPLY < <(compgen -f -- "${current#=}")
            return
            ;;
    esac
    case $subcommand in
        '')
            mapfile -t COMPREPLY < <(compgen -W "serve list call read prompt login shell import validate-config print-config plugin token hash-password doctor status stop reload \
                --config= --stdio --transport= --host= --port= --daemon --pidfile= --umask= --help --version \
                --http.host= --http.port= --plugins.directory= --log.level= --log.file=" -- "$current")
            ;;
        plugin)
            case $nested in
                '') mapfile -t COMPREPLY < <(compgen -W "new check run list lock diff settings" -- "$current") ;;
                new) mapfile -t COMPREPLY < <(compgen -W "--c" -- "$current") ;;
                list) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
                *) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
            esac
            ;;
        token)
            mapfile -t COMPREPLY < <(compgen -W "--config= --subject= --type= --scope= --audience= --permission= \
                --key= --seconds=" -- "$current")
            ;;
        status) mapfile -t COMPREPLY < <(compgen -W "--json --cluster --pidfile= --pid= --config= --help" -- "$current") ;;
        stop | reload) mapfile -t COMPREPLY < <(compgen -W "--pidfile= --pid= --config= --help" -- "$current") ;;
        import) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        validate-config) mapfile -t COMPREPLY < <(compgen -W "--config=" -- "$current") ;;
    esac
    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
}
complete -F _tenon tenon
