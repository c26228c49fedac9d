; tenon-setup.exe: the server as a Windows service, with the plugins that ship.
;
;   makensis -DBUILD=folder -DPROPERTIES=file -DVERSION=0.2.0 tenon.nsi
;
; Silent: tenon-setup.exe /S [/FIREWALL=1] [/D=C:\folder without spaces]; the uninstaller: uninstall.exe /S [/PURGE=1].
; The program goes to Program Files; the settings and the operator's plugins to C:\ProgramData\Tenon, where upgrades and
; the uninstaller leave them alone.
Unicode true
; The stub must be a 64-bit one: a 32-bit one ends with status 0 and installs nothing where there is no 32-bit subsystem.
Target amd64-unicode
SetCompressor /SOLID lzma

!include LogicLib.nsh
!include FileFunc.nsh
!include MUI2.nsh
!include StrFunc.nsh
${StrStr}

Name "Tenon ${VERSION}"
OutFile "${BUILD}/packages/tenon-setup.exe"
InstallDir "$PROGRAMFILES64\Tenon"
InstallDirRegKey HKLM "Software\Tenon" "InstallDir"
RequestExecutionLevel admin
ShowInstDetails show
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName Tenon
VIAddVersionKey FileDescription "Installs the Tenon MCP server"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright Apache-2.0

!define SERVICE tenon
!define SERVICES "SYSTEM\CurrentControlSet\Services\${SERVICE}"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tenon"

Var Outcome ; of starting the service, in words
Var Data ; C:\ProgramData\Tenon

!define MUI_COMPONENTSPAGE_SMALLDESC
!define MUI_FINISHPAGE_TITLE "Tenon is installed"
!define MUI_FINISHPAGE_TEXT "$Outcome Clients connect to$\r$\n\
    http://127.0.0.1:8080/mcp$\r$\nunless the settings say otherwise.$\r$\n$\r$\n\
  Settings: $Data\tenon.properties$\r$\nYour plugins: $Data\plugins$\r$\nLog: $Data\log"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

; Programs of the system are named by their folder: a net.exe beside a downloaded installer must not be run by it.

; Stops the service and waits until it has ended: `net stop` returns before that, and a running program cannot be replaced.
!macro StopService un
Function ${un}StopService
  ReadRegStr $0 HKLM "${SERVICES}" "ImagePath"
  ${If} $0 == ""
    Return
  ${EndIf}
  nsExec::ExecToLog '"$SYSDIR\net.exe" stop ${SERVICE}'
  Pop $0
  StrCpy $1 0
  ${DoWhile} $1 < 100
    ; A running program cannot be opened for writing.
    ClearErrors
    ${IfNot} ${FileExists} "$INSTDIR\tenon.exe"
      Return
    ${EndIf}
    FileOpen $0 "$INSTDIR\tenon.exe" a
    ${IfNot} ${Errors}
      FileClose $0
      Return
    ${EndIf}
    Sleep 200
    IntOp $1 $1 + 1
  ${Loop}
FunctionEnd
!macroend
!insertmacro StopService ""
!insertmacro StopService "un."

Function .onInit
  SetRegView 64
  SetShellVarContext all
  StrCpy $Data "$APPDATA\Tenon"
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/FIREWALL=" $1
  ${IfNot} ${Errors}
  ${AndIf} $1 == 1
    !define FIREWALL_SECTION 1
    SectionSetFlags ${FIREWALL_SECTION} 1
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
  SetShellVarContext all
  StrCpy $Data "$APPDATA\Tenon"
FunctionEnd

Section "Server" server
  SectionIn RO
  Call StopService
  SetOutPath "$INSTDIR"
  File "${BUILD}/bin/tenon.exe"
  SetOutPath "$INSTDIR\plugins"
  File "${BUILD}/plugins/*.dll"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  ; The operator's: made once, then left as it is. What a new version would write lies beside it.
  CreateDirectory "$Data\plugins"
  CreateDirectory "$Data\log"
  SetOutPath "$Data"
  ${If} ${FileExists} "$Data\tenon.properties"
    File "/oname=tenon.properties.new" "${PROPERTIES}"
  ${Else}
    File "/oname=tenon.properties" "${PROPERTIES}"
  ${EndIf}

  WriteRegStr HKLM "Software\Tenon" "InstallDir" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayName" "Tenon"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL}" "Publisher" "The Tenon developers"
  WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'

  ReadRegStr $0 HKLM "${SERVICES}" "ImagePath"
  ${If} $0 == ""
    nsExec::ExecToLog '"$INSTDIR\tenon.exe" /registerService "/displayName=Tenon MCP server" /startup=automatic "--config=$Data\tenon.properties"'
    Pop $0
  ${EndIf}
  ; An account of its own, which the system makes of the service's name: no person has it, and it has no password. An
  ; operator who has chosen another one keeps it.
  ReadRegStr $0 HKLM "${SERVICES}" "ObjectName"
  ${If} $0 == "LocalSystem"
    nsExec::ExecToLog '"$SYSDIR\sc.exe" config ${SERVICE} obj= "NT SERVICE\${SERVICE}"'
    Pop $0
  ${EndIf}
  ; A plugin runs with the service's rights, and the settings say which: only administrators write them, though below
  ; ProgramData anybody may make files. S-1-5-18 is the system, S-1-5-32-544 are the administrators, by whatever name.
  nsExec::ExecToLog '"$SYSDIR\icacls.exe" "$Data" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "NT SERVICE\${SERVICE}:(OI)(CI)RX"'
  Pop $0
  nsExec::ExecToLog '"$SYSDIR\icacls.exe" "$Data\log" /grant "NT SERVICE\${SERVICE}:(OI)(CI)M"'
  Pop $0
  nsExec::ExecToLog '"$SYSDIR\net.exe" start ${SERVICE}'
  Pop $0
  ; A service is pending until it listens, and has stopped if it cannot (its port is taken, say).
  StrCpy $2 0
  ${DoWhile} $2 < 150
    nsExec::ExecToStack '"$SYSDIR\sc.exe" query ${SERVICE}'
    Pop $0
    Pop $1
    ${StrStr} $0 $1 "START_PENDING"
    ${If} $0 == ""
      ${Break}
    ${EndIf}
    Sleep 200
    IntOp $2 $2 + 1
  ${Loop}
  ${StrStr} $0 $1 "RUNNING"
  StrCpy $Outcome "The service is running."
  ${If} $0 == ""
    StrCpy $Outcome "The service is registered, but did not start."
    MessageBox MB_ICONEXCLAMATION "The service did not start. The log says why: $Data\log\tenon.log, or the event log.$\r$\n\
      $\"$INSTDIR\tenon.exe$\" validate-config $\"--config=$Data\tenon.properties$\" looks at the settings." /SD IDOK
    SetErrorLevel 2
  ${EndIf}
SectionEnd

Section /o "Firewall rule" firewall
  nsExec::ExecToLog '"$SYSDIR\netsh.exe" advfirewall firewall add rule name="Tenon" dir=in action=allow program="$INSTDIR\tenon.exe" enable=yes'
  Pop $0
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${server} "The program, the plugins that ship, and the service, which starts with Windows."
  !insertmacro MUI_DESCRIPTION_TEXT ${firewall} "Lets other machines reach the server, once http.host in its settings does."
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Section Uninstall
  Call un.StopService
  nsExec::ExecToLog '"$INSTDIR\tenon.exe" /unregisterService'
  Pop $0
  nsExec::ExecToLog '"$SYSDIR\netsh.exe" advfirewall firewall delete rule name="Tenon"'
  Pop $0
  Delete "$INSTDIR\tenon.exe"
  Delete "$INSTDIR\plugins\clock.dll"
  Delete "$INSTDIR\plugins\filesystem.dll"
  Delete "$INSTDIR\plugins\sqlite.dll"
  Delete "$INSTDIR\plugins\sysinfo.dll"
  RMDir "$INSTDIR\plugins"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${UNINSTALL}"
  DeleteRegKey HKLM "Software\Tenon"

  ; Settings, plugins and logs are the operator's.
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/PURGE=" $1
  ${If} ${Errors}
    StrCpy $1 0
    ${IfNot} ${Silent}
      MessageBox MB_YESNO|MB_DEFBUTTON2 "Remove the settings, your plugins and the logs in $Data too?" IDNO +2
      StrCpy $1 1
    ${EndIf}
  ${EndIf}
  ${If} $1 == 1
    RMDir /r "$Data"
  ${EndIf}
SectionEnd
